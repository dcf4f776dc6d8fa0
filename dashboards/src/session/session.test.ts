import { afterEach, beforeEach, expect, test, vi } from 'vitest'

// The session talks to the browser's storage, address and fetch; these three are all it needs of one.
const kept = new Map<string, string>()
const storage = new Proxy({
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => { kept.set(key, value) },
  removeItem: (key: string) => { kept.delete(key) },
}, { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: (_, key) => (kept.has(String(key)) ? { enumerable: true, configurable: true } : undefined) })
const gone: string[] = []
const asked: { method: string; path: string; token: string | undefined }[] = []
let status = 200
const person = (account: string, viewer?: string) => ({ account, name: account, roles: [], scope: { level: 'nothing', districts: [], label: '' }, viewer })

beforeEach(() => {
  kept.clear()
  gone.length = asked.length = 0
  status = 200
  vi.resetModules()
  vi.stubGlobal('sessionStorage', storage)
  vi.stubGlobal('window', { location: { assign: (path: string) => gone.push(path), pathname: '/', search: '' }, addEventListener: () => undefined })
  vi.stubGlobal('fetch', (path: string, init: { method: string; headers: Record<string, string>; body?: string }) => {
    asked.push({ method: init.method, path, token: init.headers.Authorization?.replace('Bearer ', '') })
    const body = init.body ? (JSON.parse(init.body) as { account: string }) : null
    const answer = path.endsWith('/view-as') ? { token: 'eyes', principal: person(body?.account ?? '', 'secadmin') }
      : init.method === 'POST' ? { token: `t-${body?.account}`, principal: person(body?.account ?? '') } : null
    return Promise.resolve(new Response(answer && status < 300 ? JSON.stringify(answer) : '{}', { status }))
  })
})
// The other tabs of the browser: what they say, and what they hear.
let other: BroadcastChannel
const opened: BroadcastChannel[] = []
const Channel = globalThis.BroadcastChannel
class Noted extends Channel {
  constructor(name: string) {
    super(name)
    opened.push(this)
  }
}
const heard: Record<string, unknown>[] = []
beforeEach(() => {
  heard.length = 0
  vi.stubGlobal('BroadcastChannel', Noted)
  other = new BroadcastChannel('pujiang.session')
  other.onmessage = (event) => { heard.push((event as MessageEvent<Record<string, unknown>>).data) }
})
afterEach(() => {
  for (const channel of opened.splice(0)) channel.close()
  vi.unstubAllGlobals()
})
const settled = () => new Promise((resolve) => setTimeout(resolve, 60))

async function loggedIn(account: string) {
  const session = await import('./session')
  const toLogin = vi.fn()
  await session.restoreSession(toLogin)
  await session.logIn(account, 'x')
  return { session, toLogin }
}

test('a look has a token of its own, and its end brings the administrator back', async () => {
  const { session } = await loggedIn('secadmin')
  storage.setItem('pujiang.sql.text', 'select 1')
  await session.openView('d310104', '核实问题')
  expect([session.principal.value?.account, session.viewer.value]).toEqual(['d310104', 'secadmin'])
  expect(kept.has('pujiang.sql.text')).toBe(false)
  storage.setItem('pujiang.sql.history', '[]')
  await session.endView()
  expect(asked.at(-1)).toMatchObject({ method: 'DELETE', token: 'eyes' })
  expect([session.principal.value?.account, session.viewer.value]).toEqual(['secadmin', null])
  expect(kept.has('pujiang.sql.history')).toBe(false)
  expect(gone).toEqual(['/', '/access'])
})

test('a look that is over leaves the administrator logged in', async () => {
  const { session, toLogin } = await loggedIn('secadmin')
  await session.openView('d310104', '核实问题')
  status = 401
  const { get } = await import('@/http/client')
  await get('/session').catch(() => undefined)
  expect(session.principal.value?.account).toBe('secadmin')
  expect(gone.at(-1)).toBe('/access?view=over')
  expect(toLogin).not.toHaveBeenCalled()
  await get('/session').catch(() => undefined)
  expect(session.loggedIn.value).toBe(false)
  expect(toLogin).toHaveBeenCalledOnce()
})

test('what was typed waits for the same person, and for nobody else', async () => {
  const { session } = await loggedIn('d310104')
  storage.setItem('pujiang.draft.x', '{}')
  await session.logIn('d310104', 'x')
  expect(kept.has('pujiang.draft.x')).toBe(true)
  await session.logIn('d310105', 'x')
  expect(kept.has('pujiang.draft.x')).toBe(false)
  storage.setItem('pujiang.sql.text', 'select 1')
  await session.logOut()
  expect([...kept.keys()].filter((k) => !k.startsWith('pujiang.session.last'))).toEqual([])
})

const session = (account: string) => ({ 'pujiang.session': JSON.stringify({ token: `of-${account}`, principal: person(account) }) })

test('page_9: a new tab is logged in as the tab looked at last', async () => {
  other.onmessage = (event) => {
    const asked = (event as MessageEvent<{ type: string; from: string }>).data
    if (asked.type !== 'who') return
    other.postMessage({ type: 'here', to: asked.from, seen: 1, entries: session('d310105') })
    other.postMessage({ type: 'here', to: asked.from, seen: 2, entries: session('city') })
  }
  const tab = await import('./session')
  await tab.restoreSession(vi.fn())
  expect(tab.principal.value?.account).toBe('city')
})

test('page_9: without another tab nobody is logged in, and a tab that is out tells nothing', async () => {
  const tab = await import('./session')
  await tab.restoreSession(vi.fn())
  expect(tab.loggedIn.value).toBe(false)
  other.postMessage({ type: 'who', from: 'x' })
  await settled()
  expect(heard.filter((m) => m.type === 'here')).toEqual([])
})

test('page_9: a log-out ends every tab, and what was typed goes with it', async () => {
  const { session: tab, toLogin } = await loggedIn('city')
  storage.setItem('pujiang.sql.text', 'select 1')
  other.postMessage({ type: 'out' })
  await settled()
  expect([tab.loggedIn.value, kept.has('pujiang.sql.text')]).toEqual([false, false])
  expect(toLogin).toHaveBeenCalledOnce()
  expect(asked.at(-1)).toMatchObject({ method: 'DELETE' })
})

test('page_9: logging out here tells the others', async () => {
  const { session: tab } = await loggedIn('city')
  await tab.logOut()
  await settled()
  expect(heard.map((m) => m.type).filter((t) => t !== 'who')).toEqual(['in', 'out'])
})

test('page_9: one browser is one person', async () => {
  const { session: tab } = await loggedIn('city')
  other.postMessage({ type: 'in', entries: session('city') })
  await settled()
  expect([tab.principal.value?.account, gone]).toEqual(['city', []])
  storage.setItem('pujiang.draft.x', '{}')
  other.postMessage({ type: 'in', entries: session('d310104') })
  await settled()
  expect([tab.principal.value?.account, gone, kept.has('pujiang.draft.x')]).toEqual(['d310104', ['/'], false])
})
