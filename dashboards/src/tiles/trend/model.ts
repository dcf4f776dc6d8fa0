// Splits 25 months into this year and last year on one axis of twelve months.

import { toNumber, type Cell } from '@/format/figures'
import { isIncomplete, type Row } from '../rows'

export interface MonthPoint { value: number | null; raw: Cell; yoy: Cell; incomplete: boolean }
export interface YearLine { year: string; months: (MonthPoint | null)[] }
export interface TrendModel { current: YearLine; previous: YearLine | null }

export function trendModel(rows: Row[], id: string, incompleteFrom?: string | null): TrendModel | null {
  const years = new Map<string, (MonthPoint | null)[]>()
  for (const row of rows) {
    const [year, month] = String(row.period ?? '').split('-')
    if (!year || !month) continue
    const months = years.get(year) ?? Array<MonthPoint | null>(12).fill(null)
    months[Number(month) - 1] = { value: toNumber(row[id]), raw: row[id], yoy: row[`${id}.yoy`], incomplete: isIncomplete(row.period, incompleteFrom) }
    years.set(year, months)
  }
  const latest = [...years.keys()].sort().at(-1)
  if (!latest) return null
  const before = String(Number(latest) - 1)
  const previous = years.get(before)
  return {
    current: { year: latest, months: years.get(latest) ?? [] },
    previous: previous ? { year: before, months: previous } : null,
  }
}

export function hasValues(model: TrendModel | null): boolean {
  return !!model && [...model.current.months, ...(model.previous?.months ?? [])].some((p) => p?.value !== null && p?.value !== undefined)
}
