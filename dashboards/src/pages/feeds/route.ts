import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/feeds', name: 'feeds', component: () => import('./index.vue'), meta: { title: '数据接入', permission: 'feed_view', nav: { title: '数据接入', short: '接入', icon: 'feeds', order: 3, phone: true } } },
  { path: '/feeds/:feed', name: 'feed', component: () => import('./FeedDetail.vue'), meta: { title: '数据接入', permission: 'feed_view' } },
]
