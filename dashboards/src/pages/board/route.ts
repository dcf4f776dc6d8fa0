import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    // Without a board the first one there is opens.
    path: '/boards/:board?', name: 'board', component: () => import('./index.vue'),
    meta: { title: '看板', permission: 'board_view', nav: { title: '看板', short: '看板', icon: 'board', order: 1, phone: true } },
  },
]
