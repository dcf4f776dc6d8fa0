import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/logs', name: 'logs', component: () => import('./index.vue'), meta: { title: '审计日志', permission: 'audit_read', right: '查看审计日志', nav: { title: '审计日志', short: '审计', icon: 'history', order: 4.5, phone: true } } },
]
