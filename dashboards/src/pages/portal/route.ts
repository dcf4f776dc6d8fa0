import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/portal', component: () => import('./index.vue'),
    meta: { title: '业务数据', permission: 'resource_read', nav: { title: '业务数据', short: '业务', icon: 'portal', order: 2, phone: true } },
    children: [
      { path: '', name: 'portal', component: () => import('./Start.vue') },
      { path: ':resource', name: 'records', component: () => import('./RecordList.vue') },
      { path: ':resource/new', name: 'record-new', component: () => import('./RecordForm.vue') },
      { path: ':resource/:id', name: 'record', component: () => import('./RecordDetail.vue') },
      { path: ':resource/:id/change', name: 'record-change', component: () => import('./RecordForm.vue') },
      { path: ':resource/:id/edit', name: 'record-edit', component: () => import('./RecordForm.vue') },
    ],
  },
]
