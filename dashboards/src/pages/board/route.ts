import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/boards/:board', name: 'board', component: () => import('./index.vue'),
    meta: { title: '看板', permission: 'board_view' },
  },
  {
    path: '/boards', name: 'boards', redirect: '/boards/benefit',
    meta: { permission: 'board_view', nav: { title: '看板', short: '看板', icon: 'board', order: 1, phone: true } },
  },
]
