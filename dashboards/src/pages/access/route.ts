import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/access', name: 'access', component: () => import('./index.vue'), meta: { title: '权限说明', permission: 'access_explain', nav: { title: '权限说明', short: '权限', icon: 'why', order: 4, phone: true } } },
]
