import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/help', name: 'help', component: () => import('./index.vue'), meta: { title: '使用帮助' } }]
