import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/reports', name: 'reports', component: () => import('./index.vue'), meta: { title: '报表', permission: 'report_view', nav: { title: '报表', short: '报表', icon: 'reports', order: 4, phone: true } } },
]
