// Every page brings its own routes; this file only collects them and keeps strangers at the login page.

import { createRouter, createWebHistory, START_LOCATION, type RouteRecordRaw } from 'vue-router'
import { whenReachable, windowSheet } from '@/scroll'
import { can, loggedIn } from '@/session/session'

export interface NavEntry { title: string; short: string; icon: string; order: number; phone: boolean }
declare module 'vue-router' {
  /** `right` is what the permission is called when it is missing. */
  interface RouteMeta { title?: string; permission?: string; right?: string; nav?: NavEntry; bare?: boolean }
}

const modules = import.meta.glob<{ routes: RouteRecordRaw[] }>('./pages/*/route.ts', { eager: true })
export const pageRoutes: RouteRecordRaw[] = Object.values(modules).flatMap((m) => m.routes)

export const navigation = pageRoutes
  .filter((r) => r.meta?.nav)
  .sort((a, b) => (a.meta?.nav?.order ?? 0) - (b.meta?.nav?.order ?? 0))

/** The first page this account may see. */
export function homePath(): string {
  return navigation.find((r) => can(r.meta?.permission))?.path.replace(/\/:.*$/, '') ?? '/inbox'
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [{ path: '/', redirect: () => homePath() }, ...pageRoutes, { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/Missing.vue'), meta: { title: '没有这个页面' } }],
  scrollBehavior: (to, from, saved) => {
    // The first page is at its top already: scrolling it there would lay it out half made.
    if (!saved) return to.path === from.path || from === START_LOCATION ? undefined : { top: 0 }
    // A query of its own is still the same page: the board corrects its address while it loads.
    return whenReachable(saved, windowSheet(() => router.currentRoute.value.path === to.path))
  },
})

router.beforeEach((to) => {
  if (to.name !== 'login' && !loggedIn.value) {
    return { name: 'login', query: to.fullPath === '/' ? {} : { return: to.fullPath } }
  }
  return true
})

router.afterEach((to) => {
  document.title = to.meta.title ? `${to.meta.title} · 浦江数据平台` : '浦江数据平台'
})

export function toLogin(): void {
  // Not the router's own idea of where it is: the first answer may come before the first page has loaded.
  const { pathname, search } = window.location
  if (pathname === '/login') return
  void router.replace({ name: 'login', query: { return: pathname + search, expired: '1' } })
}
