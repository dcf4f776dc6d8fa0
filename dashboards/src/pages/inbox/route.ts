import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/inbox', name: 'inbox', component: () => import('./index.vue'), meta: { title: '收件箱', nav: { title: '收件箱', short: '消息', icon: 'inbox', order: 5, phone: true } } },
]
