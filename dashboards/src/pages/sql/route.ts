import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/sql', name: 'sql', component: () => import('./index.vue'), meta: { title: 'SQL 查询', permission: 'sql_query', nav: { title: 'SQL 查询', short: 'SQL', icon: 'sql', order: 6, phone: false } } },
]
