// Who is logged in. The token lives in sessionStorage (one tab, gone when it closes). Permissions here only tidy the menu.

import { computed, reactive } from 'vue'
import { connectSession, get, post, request } from '@/http/client'
import type { Principal } from '@/http/types'

const KEY = 'pujiang.session'

interface Stored { token: string; principal: Principal }

const state = reactive<{ token: string | null; principal: Principal | null }>({ token: null, principal: null })
let goToLogin: () => void = () => undefined

export const principal = computed(() => state.principal)
export const loggedIn = computed(() => state.token !== null)

export function restoreSession(toLogin: () => void): void {
  goToLogin = toLogin
  connectSession(() => state.token, expire)
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Stored | null
    if (stored?.token) Object.assign(state, stored)
  } catch {
    sessionStorage.removeItem(KEY)
  }
  // Roles may have changed since the tab stored them; the picture does not wait for this.
  if (state.token) void get<{ principal: Principal }>('/session').then((r) => keep(state.token ?? '', r.principal)).catch(() => undefined)
}

function keep(token: string, who: Principal): void {
  if (!token) return
  state.token = token
  state.principal = who
  sessionStorage.setItem(KEY, JSON.stringify({ token, principal: who }))
}

export async function logIn(account: string, password: string): Promise<void> {
  const answer = await post<Stored>('/session', { account, password }, { anonymous: true })
  keep(answer.token, answer.principal)
}

export async function logOut(): Promise<void> {
  await request('DELETE', '/session', { anonymous: true }).catch(() => undefined)
  forget()
}

function forget(): void {
  state.token = null
  state.principal = null
  sessionStorage.removeItem(KEY)
}

function expire(): void {
  if (!state.token) return
  forget()
  goToLogin()
}

/** Comfort, not security: the server decides again. An answer without permissions hides nothing. */
export function can(permission: string | undefined): boolean {
  if (!permission) return true
  const granted = state.principal?.permissions
  return granted === undefined || granted.includes(permission)
}

export function scopeIsCity(): boolean {
  return state.principal?.scope.level === 'city'
}
