// The filters of a board live in the address: `?period=2026-10&district=310104&category=文旅&map=S1-B05`.

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { DISTRICTS } from '@/format/districts'
import { currentMonth, isMonth, latestCompleteMonth, monthLabel } from '@/format/time'

export interface BoardFilters { period: string; district: string | null; category: string | null; map: string | null }

function text(query: LocationQuery, name: string): string | null {
  const value = query[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export function readFilters(query: LocationQuery, now: Date = new Date()): BoardFilters {
  const period = text(query, 'period')
  const district = text(query, 'district')
  return {
    period: isMonth(period) && period <= currentMonth(now) ? period : latestCompleteMonth(now),
    district: DISTRICTS.some((d) => d.code === district) ? district : null,
    category: text(query, 'category'),
    map: text(query, 'map'),
  }
}

/** What of the address `readFilters` could not follow, in a sentence; figures of another month must not pass for the asked ones. */
export function misread(query: LocationQuery, now: Date = new Date()): string {
  const read = readFilters(query, now)
  const period = text(query, 'period')
  const district = text(query, 'district')
  const told: string[] = []
  if (period !== null && period !== read.period) told.push(`${isMonth(period) ? `${monthLabel(period)}还没有到` : `月份“${period}”无法识别`}，显示的是${monthLabel(read.period)}`)
  if (district !== null && district !== read.district) told.push(`没有代码为“${district}”的区，显示的是全部范围`)
  return told.length > 0 ? `网址有误：${told.join('；')}。` : ''
}

/** Only what differs from the default goes into the address; other keys (`wall`) stay. */
export function writeFilters(query: LocationQuery, change: Partial<BoardFilters>, now: Date = new Date()): LocationQueryRaw {
  const next = { ...readFilters(query, now), ...change }
  const rest: LocationQueryRaw = { ...query }
  for (const key of ['period', 'district', 'category', 'map']) delete rest[key]
  if (next.period !== latestCompleteMonth(now)) rest.period = next.period
  if (next.district) rest.district = next.district
  if (next.category) rest.category = next.category
  if (next.map) rest.map = next.map
  return rest
}

export interface BoardQuestion { period: string; district: string | null; category: string | null; map_indicator: string | null }

export function question(filters: BoardFilters): BoardQuestion {
  return { period: filters.period, district: filters.district, category: filters.category, map_indicator: filters.map }
}

/** What the figures depend on; choosing another map indicator does not dim the board. */
export function filterKey(q: BoardQuestion): string {
  return [q.period, q.district ?? '', q.category ?? ''].join('|')
}
