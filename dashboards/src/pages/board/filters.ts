// The filters of a board live in the address, each dimension under its id: `?period=2026-10&district=310104&map=S1-B05`.
// Which dimensions there are is said by the board; nothing here knows one by name but the district, which every page has.

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { DISTRICTS } from '@/format/districts'
import { currentMonth, isMonth, latestCompleteMonth, monthLabel } from '@/format/time'
import type { BoardDef, Dimension, Member } from '@/http/types'

/** `members` has the member chosen of each dimension. */
export interface BoardFilters { period: string; members: Record<string, string>; map: string | null }
/** What is chosen anew; a member of `null` is taken back. */
export interface FilterChange { period?: string; members?: Record<string, string | null>; map?: string | null }

/** Keys of the address that are no dimension. */
const OTHERS = ['period', 'map', 'wall']

function text(query: LocationQuery, name: string): string | null {
  const value = query[name]
  return typeof value === 'string' && value !== '' ? value : null
}

function isDistrict(code: string): boolean {
  return DISTRICTS.some((d) => d.code === code)
}

export function readFilters(query: LocationQuery, now: Date = new Date()): BoardFilters {
  const period = text(query, 'period')
  const members = Object.keys(query).filter((key) => !OTHERS.includes(key)).flatMap((key): [string, string][] => {
    const code = text(query, key)
    return code === null || (key === 'district' && !isDistrict(code)) ? [] : [[key, code]]
  })
  return {
    period: isMonth(period) && period <= currentMonth(now) ? period : latestCompleteMonth(now),
    members: Object.fromEntries(members),
    map: text(query, 'map'),
  }
}

/** Only what the board has a filter of; other keys of the address mean nothing to it. */
export function offered(filters: BoardFilters, board: BoardDef | null): BoardFilters {
  const dimensions = (board?.filters ?? []).map((f) => f.dimension)
  return { ...filters, members: Object.fromEntries(Object.entries(filters.members).filter(([id]) => dimensions.includes(id))) }
}

/** What of the address `readFilters` could not follow, in a sentence; figures of another month must not pass for the asked ones. */
export function misread(query: LocationQuery, now: Date = new Date()): string {
  const read = readFilters(query, now)
  const period = text(query, 'period')
  const district = text(query, 'district')
  const told: string[] = []
  if (period !== null && period !== read.period) told.push(`${isMonth(period) ? `${monthLabel(period)}还没有到` : `月份“${period}”无法识别`}，显示的是${monthLabel(read.period)}`)
  if (district !== null && !isDistrict(district)) told.push(`没有代码为“${district}”的区，显示的是全部范围`)
  return told.length > 0 ? `网址有误：${told.join('；')}。` : ''
}

/** Only what differs from the default goes into the address; other keys (`wall`) stay. */
export function writeFilters(query: LocationQuery, change: FilterChange, now: Date = new Date()): LocationQueryRaw {
  const before = readFilters(query, now)
  const { period = before.period, map = before.map } = change
  const members: Record<string, string | null> = { ...before.members, ...change.members }
  const rest: LocationQueryRaw = { ...query }
  for (const key of ['period', 'map', 'district', ...Object.keys(members)]) delete rest[key]
  if (period !== latestCompleteMonth(now)) rest.period = period
  for (const [id, code] of Object.entries(members)) if (code) rest[id] = code
  if (map) rest.map = map
  return rest
}

/** A change of members with what falls with it: who chooses another district does not keep a street of the old one. */
export function withChildren(members: Record<string, string | null>, dimensions: Iterable<Dimension>): Record<string, string | null> {
  const all = [...dimensions]
  const next = { ...members }
  for (let before = -1; before !== Object.keys(next).length;) {
    before = Object.keys(next).length
    for (const d of all) if (d.parent && d.parent in next && !(d.id in next)) next[d.id] = null
  }
  return next
}

/** The members to choose from: not what is no more, and only what lies within the chosen member above it or, if none is,
 *  within the districts one may see. */
export function choices(dimension: Dimension, chosen: Record<string, string>, mayOpen: (district: string) => boolean): Member[] {
  const above = dimension.parent ? chosen[dimension.parent] : undefined
  return dimension.members.filter((m) => {
    if (m.hidden) return false
    if (!dimension.parent) return true
    return above ? m.parent === above : dimension.parent !== 'district' || mayOpen(m.parent ?? '')
  })
}

export type BoardQuestion = { period: string; map_indicator: string | null } & Record<string, string | null>

export function question(filters: BoardFilters): BoardQuestion {
  return { ...filters.members, period: filters.period, map_indicator: filters.map }
}

/** What the figures depend on; choosing another map indicator does not dim the board. */
export function filterKey(filters: BoardFilters): string {
  return [filters.period, ...Object.entries(filters.members).map(([id, code]) => `${id}=${code}`).sort()].join('|')
}
