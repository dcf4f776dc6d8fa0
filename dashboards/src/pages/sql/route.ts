import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/sql', name: 'sql', component: () => import('./index.vue'), meta: { title: '数据查询', permission: 'sql_query', nav: { title: '数据查询', short: '查询', icon: 'sql', order: 6, phone: false } } },
]
