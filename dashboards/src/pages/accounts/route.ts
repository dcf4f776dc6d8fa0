import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/accounts', name: 'accounts', component: () => import('./index.vue'), meta: { title: '账号', permission: 'account_manage', right: '账号管理', nav: { title: '账号', short: '账号', icon: 'user', order: 4.5, phone: true } } },
]
