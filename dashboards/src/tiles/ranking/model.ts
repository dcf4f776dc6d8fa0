// Rows in the order of the server's rank; the bar is the share of the longest one.

import { change, figure, growthIsGood, toNumber, type Change, type Figure } from '@/format/figures'
import type { Indicator, TileData, TileDef } from '@/http/types'
import { changeColumn, column, indicatorTitle, indicatorType, indicatorUnit, memberTitle, readRows } from '../rows'

export interface RankHead { dimension: string; title: string; unit: string; yoy: boolean }
export interface RankRow { code: string; title: string; rank: string; value: Figure; yoy: Change | null; width: number }

export function rankingModel(def: TileDef, data: TileData, dictionary: Map<string, Indicator>): RankRow[] {
  const id = def.indicators?.[0] ?? ''
  const dimension = def.dimension ?? ''
  const type = indicatorType(data, id, dictionary)
  const unit = indicatorUnit(data, id, dictionary)
  const direction = dictionary.get(id)?.direction
  const lowerFirst = growthIsGood(direction) === false && def.compare?.includes('rank')
  const rows = readRows(data)
  const asked = def.compare?.includes('rank') ?? false
  const ranked = rows.every((r) => toNumber(r[`${id}.rank`]) !== null)
  const sorted = [...rows].sort((a, b) => {
    if (ranked) return (toNumber(a[`${id}.rank`]) ?? 0) - (toNumber(b[`${id}.rank`]) ?? 0)
    const difference = (toNumber(b[id]) ?? Number.NEGATIVE_INFINITY) - (toNumber(a[id]) ?? Number.NEGATIVE_INFINITY)
    return lowerFirst ? -difference : difference
  })
  const longest = Math.max(0, ...sorted.map((r) => toNumber(r[id]) ?? 0))
  return sorted.map((row, i) => {
    const value = toNumber(row[id])
    const rank = toNumber(row[`${id}.rank`])
    return {
      code: String(row[dimension] ?? ''),
      title: memberTitle(row, dimension),
      // Who sees a part of the city is not told a place among that part: it would be read as one in the city.
      rank: rank !== null ? String(rank) : asked ? '—' : String(i + 1),
      value: figure(row[id], type, unit),
      yoy: def.compare?.includes('yoy') ? change(row[`${id}.yoy`], direction, changeColumn(data, `${id}.yoy`)) : null,
      width: longest > 0 && value !== null ? Math.max(0, (value / longest) * 100) : 0,
    }
  })
}

/** What the columns hold: every number stands under its name. */
export function rankingHead(def: TileDef, data: TileData, dictionary: Map<string, Indicator>): RankHead {
  const id = def.indicators?.[0] ?? ''
  return {
    dimension: column(data, def.dimension ?? '')?.title ?? '', title: indicatorTitle(data, id, dictionary),
    unit: indicatorType(data, id, dictionary) === 'percent' ? '%' : indicatorUnit(data, id, dictionary), yoy: def.compare?.includes('yoy') ?? false,
  }
}

/** The first few, and the chosen one wherever it stands. */
export function shortened(rows: RankRow[], most: number, chosen: string | null): RankRow[] {
  return rows.filter((r, i) => i < most || r.code === chosen)
}
