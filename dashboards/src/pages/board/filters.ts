// The filters of a board live in the address: `?period=2026-10&district=310104&category=文旅&map=S1-B05`.

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { isMonth, latestCompleteMonth } from '@/format/time'

export interface BoardFilters { period: string; district: string | null; category: string | null; map: string | null }

export function readFilters(query: LocationQuery, now: Date = new Date()): BoardFilters {
  const text = (name: string): string | null => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const period = text('period')
  const district = text('district')
  return {
    period: isMonth(period) ? period : latestCompleteMonth(now),
    district: district && /^31\d{4}$/.test(district) ? district : null,
    category: text('category'),
    map: text('map'),
  }
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
