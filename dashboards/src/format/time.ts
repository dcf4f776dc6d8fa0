// Shanghai time and month periods. The clock of the visitor's machine may stand in any zone; the office's day is Shanghai's.

/** The last summer time was that of 1991: since then Shanghai is eight hours ahead, all year. */
const STEADY = Date.UTC(1992, 0)
const AHEAD = 8 * 3600e3

/** `2026-11-21 14:03:22` in Shanghai. */
export function shanghai(at: Date): string {
  if (at.getTime() < STEADY) return at.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })
  // Reckoned: looking up the time zone for the first time holds up the first picture of a phone.
  return new Date(at.getTime() + AHEAD).toISOString().slice(0, 19).replace('T', ' ')
}

/** An RFC 3339 text (or a plain local one) as Shanghai wall clock; `—` when missing. */
export function stamp(text: string | null | undefined, precision: 'minute' | 'second' = 'minute'): string {
  if (!text) return '—'
  const full = /(Z|[+-]\d\d:?\d\d)$/.test(text) ? shanghaiOf(text) : text.replace('T', ' ')
  return full.slice(0, precision === 'minute' ? 16 : 19)
}

function shanghaiOf(text: string): string {
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? text : shanghai(at)
}

/** Wall clock text `2026-10-01 09:30:00` to RFC 3339 with Shanghai's offset. */
export function withOffset(wallClock: string): string {
  return `${wallClock.trim().replace(' ', 'T')}+08:00`
}

export type Month = string

export function isMonth(text: unknown): text is Month {
  return typeof text === 'string' && /^\d{4}-(0[1-9]|1[0-2])$/.test(text)
}

export function shiftMonth(month: Month, by: number): Month {
  const [y = 0, m = 1] = month.split('-').map(Number)
  const index = y * 12 + (m - 1) + by
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`
}

/** The last month that is over in Shanghai. */
export function latestCompleteMonth(now: Date = new Date()): Month {
  return shiftMonth(shanghai(now).slice(0, 7), -1)
}

export function currentMonth(now: Date = new Date()): Month {
  return shanghai(now).slice(0, 7)
}

/** `2026年10月`. */
export function monthLabel(month: Month): string {
  const [y, m] = month.split('-')
  return `${y}年${Number(m)}月`
}

/** `11-21` of `2026-11-21`. */
export function monthDay(date: string | null | undefined): string {
  return date ? date.slice(5, 10) : ''
}

/** `刚刚`, `3 分钟前`, `2 小时前`, then the date. */
export function ago(text: string | null | undefined, now: Date = new Date()): string {
  if (!text) return '—'
  const at = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : withOffset(text))
  const seconds = (now.getTime() - at.getTime()) / 1000
  if (Number.isNaN(seconds)) return text
  if (seconds < 60) return '刚刚'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} 分钟前`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} 小时前`
  return stamp(text)
}

/** Lag in words: `8 秒`, `3 分钟`, `2 小时`, `5 天`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '—'
  if (seconds < 90) return `${Math.round(seconds)} 秒`
  if (seconds < 5400) return `${Math.round(seconds / 60)} 分钟`
  if (seconds < 129600) return `${Math.round(seconds / 3600)} 小时`
  return `${Math.round(seconds / 86400)} 天`
}
