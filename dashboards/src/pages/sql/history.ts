// Statements of this browser session, newest first. They leave the tab with the log-out: a statement may hold a person's number.

const KEY = 'pujiang.sql.history'
const MOST = 50

export interface Past { sql: string; at: string; rows: number | null; ms: number; failed: string | null }

export function readHistory(): Past[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? (stored as Past[]) : []
  } catch {
    return []
  }
}

/** The same statement again moves to the top instead of standing there twice. */
export function remembered(all: Past[], entry: Past): Past[] {
  return [entry, ...all.filter((p) => p.sql !== entry.sql)].slice(0, MOST)
}

export function keepHistory(all: Past[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(all))
  } catch {
    // A full store loses the oldest half rather than the page.
    sessionStorage.setItem(KEY, JSON.stringify(all.slice(0, MOST / 2)))
  }
}
