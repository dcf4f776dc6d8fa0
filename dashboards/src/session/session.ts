// Who is logged in. The token lives in sessionStorage and goes from tab to tab in memory (tabs.ts): a new tab is logged in, a
// log-out ends all, and with the last tab it is gone. Permissions here only tidy the menu.
// An administrator may look through another account's eyes: that view has a token of its own above the administrator's.

import { computed, reactive } from 'vue'
import { connectSession, get, post, request } from '@/http/client'
import type { Principal } from '@/http/types'
import { openTabs, type Entries, type Tabs } from './tabs'

const KEY = 'pujiang.session'
/** The administrator's own session while a view is open. */
const OWN = 'pujiang.session.own'
/** Who used this tab last: what was typed waits for the same person after an expired session, never for another. */
const LAST = 'pujiang.session.last'

interface Stored { token: string; principal: Principal }

const state = reactive<{ token: string | null; principal: Principal | null }>({ token: null, principal: null })
let goToLogin: () => void = () => undefined
let tabs: Tabs | null = null

export const principal = computed(() => state.principal)
export const loggedIn = computed(() => state.token !== null)
/** The administrator behind a view, or nobody. */
export const viewer = computed(() => state.principal?.viewer ?? null)

function stored(key: string): Stored | null {
  try {
    const value = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Stored | null
    return value?.token ? value : null
  } catch {
    sessionStorage.removeItem(key)
    return null
  }
}

/** Takes up the session of this tab, or that of another tab of this browser. */
export async function restoreSession(toLogin: () => void): Promise<void> {
  goToLogin = toLogin
  connectSession(() => state.token, expire)
  tabs?.close()
  tabs = openTabs({ entries, onIn: joined, onOut: left })
  if (!stored(KEY)) adopt(await tabs.ask())
  const found = stored(KEY)
  if (found) Object.assign(state, found)
  // Roles may have changed since the tab stored them; the picture does not wait for this.
  if (state.token) void get<{ principal: Principal }>('/session').then((r) => keep(state.token ?? '', r.principal)).catch(() => undefined)
}

function keep(token: string, who: Principal): void {
  if (!token) return
  state.token = token
  state.principal = who
  sessionStorage.setItem(KEY, JSON.stringify({ token, principal: who }))
  if (!who.viewer) sessionStorage.setItem(LAST, who.account)
}

export async function logIn(account: string, password: string): Promise<void> {
  const answer = await post<Stored>('/session', { account, password }, { anonymous: true })
  sessionStorage.removeItem(OWN)
  if (sessionStorage.getItem(LAST) !== answer.principal.account) clearPages()
  keep(answer.token, answer.principal)
  const mine = entries()
  if (mine) tabs?.announceIn(mine)
}

export async function logOut(): Promise<void> {
  if (viewer.value) await endOpenView()
  await endHere()
  tabs?.announceOut()
}

async function endHere(): Promise<void> {
  // The request has taken the token along when it is forgotten: nobody finds it here while the server answers.
  const ended = request('DELETE', '/session', { anonymous: true }).catch(() => undefined)
  forget()
  clearPages()
  await ended
}

/** What another tab needs to be where this one is: a look through other eyes with the way back. */
function entries(): Entries | null {
  const found = [KEY, OWN].flatMap((key) => { const text = sessionStorage.getItem(key); return text ? [[key, text]] : [] })
  return state.token && found.length > 0 ? (Object.fromEntries(found) as Entries) : null
}

function adopt(given: Entries | null): void {
  for (const key of [KEY, OWN]) if (given?.[key]) sessionStorage.setItem(key, given[key])
}

function accountOf(given: Entries): string {
  const own = given[OWN] ?? given[KEY] ?? 'null'
  return (JSON.parse(own) as Stored | null)?.principal.account ?? ''
}

/** Another tab has logged in. One browser is one person: what was open for somebody else ends here. */
function joined(given: Entries): void {
  const here = entries()
  if (here && accountOf(here) === accountOf(given)) return
  if (here) { forget(); clearPages() }
  adopt(given)
  const found = stored(KEY)
  if (!found) return
  keep(found.token, found.principal)
  const back = new URLSearchParams(window.location.search).get('return')
  startOver(window.location.pathname === '/login' && back?.startsWith('/') && !back.startsWith('//') ? back : '/')
}

/** Another tab has logged out. A session of this tab's own is ended too. */
function left(): void {
  if (!state.token) return
  void endHere()
  goToLogin()
}

/** From here on every page shows what `account` sees, and only lets it read. */
export async function openView(account: string, reason: string): Promise<void> {
  const answer = await post<Stored>('/session/view-as', { account, reason })
  const own = stored(KEY)
  if (own) sessionStorage.setItem(OWN, JSON.stringify(own))
  clearPages()
  keep(answer.token, answer.principal)
  startOver('/')
}

/** Back to the administrator's own session. */
export async function endView(): Promise<void> {
  await endOpenView()
  startOver('/access')
}

async function endOpenView(): Promise<void> {
  await request('DELETE', '/session', { anonymous: true }).catch(() => undefined)
  takeBackOwn()
}

function takeBackOwn(): boolean {
  const own = stored(OWN)
  sessionStorage.removeItem(OWN)
  clearPages()
  if (!own) {
    forget()
    return false
  }
  keep(own.token, own.principal)
  return true
}

/** A fresh start of the page: nothing read through other eyes stays in memory. */
function startOver(path: string): void {
  window.location.assign(path)
}

/** What pages keep in the tab belongs to one identity: a statement may hold a person's number. */
function clearPages(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (!key.startsWith(KEY)) sessionStorage.removeItem(key)
  }
}

function forget(): void {
  state.token = null
  state.principal = null
  sessionStorage.removeItem(KEY)
  sessionStorage.removeItem(OWN)
}

function expire(): void {
  if (!state.token) return
  // A view ends on its own after a while; the administrator is still logged in.
  if (stored(OWN) && takeBackOwn()) {
    startOver('/access?view=over')
    return
  }
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
