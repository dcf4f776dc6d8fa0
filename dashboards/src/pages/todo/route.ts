import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/todo', name: 'todo', component: () => import('./index.vue'), meta: { title: '待办', permission: 'resource_write', right: '办理业务数据', nav: { title: '待办', short: '待办', icon: 'check', order: 2.5, phone: true } } },
]
