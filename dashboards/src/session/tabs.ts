// Tabs of one browser know one session. It is handed from tab to tab in memory (BroadcastChannel, same origin only) and stays
// in each tab's sessionStorage: nothing of it is on disk, and with the last tab it is gone. docs/SECURITY.md says why so.

const CHANNEL = 'pujiang.session'
/** How long a new tab waits for the others, and how long it compares once the first has answered. */
const PATIENCE = 150
const COMPARE = 25

/** What a tab keeps of its session: storage keys with their texts. */
export type Entries = Record<string, string>

type Message =
  | { type: 'who'; from: string }
  | { type: 'here'; to: string; seen: number; entries: Entries }
  | { type: 'in'; entries: Entries }
  | { type: 'out' }

export interface TabSide {
  /** What this tab would hand to a new one; nothing while it is logged out. */
  entries: () => Entries | null
  /** Another tab has logged in, or answered later than this one could wait. */
  onIn: (entries: Entries) => void
  onOut: () => void
}

export interface Tabs {
  /** The session of the tab looked at last, or nothing. */
  ask: () => Promise<Entries | null>
  announceIn: (entries: Entries) => void
  announceOut: () => void
  close: () => void
}

export function openTabs(side: TabSide): Tabs {
  if (typeof BroadcastChannel === 'undefined') {
    return { ask: () => Promise.resolve(null), announceIn: () => undefined, announceOut: () => undefined, close: () => undefined }
  }
  const channel = new BroadcastChannel(CHANNEL)
  const me = Math.random().toString(36).slice(2)
  let seen = Date.now()
  const look = (): void => { seen = Date.now() }
  if (typeof document !== 'undefined') {
    document.addEventListener('visibilitychange', look)
    window.addEventListener('focus', look)
  }
  let answered: ((entries: Entries, seen: number) => void) | null = null
  const say = (message: Message): void => channel.postMessage(message)

  channel.onmessage = (event: MessageEvent<Message>) => {
    const message = event.data
    if (message.type === 'who') {
      const entries = side.entries()
      if (entries) say({ type: 'here', to: message.from, seen, entries })
    } else if (message.type === 'here') {
      if (message.to !== me) return
      if (answered) answered(message.entries, message.seen)
      else side.onIn(message.entries)
    } else if (message.type === 'in') side.onIn(message.entries)
    else side.onOut()
  }

  function ask(): Promise<Entries | null> {
    return new Promise((resolve) => {
      let best: { entries: Entries; seen: number } | null = null
      const end = (): void => { answered = null; resolve(best?.entries ?? null) }
      let timer = setTimeout(end, PATIENCE)
      answered = (entries, at) => {
        if (!best) { clearTimeout(timer); timer = setTimeout(end, COMPARE) }
        if (!best || at > best.seen) best = { entries, seen: at }
      }
      say({ type: 'who', from: me })
    })
  }
  return { ask, announceIn: (entries) => say({ type: 'in', entries }), announceOut: () => say({ type: 'out' }), close: () => channel.close() }
}
