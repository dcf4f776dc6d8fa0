// The rows of a table tile, sorted by the column the reader picked.

import { change, figure, toNumber, type Change, type Figure } from '@/format/figures'
import type { Indicator, TileData, TileDef } from '@/http/types'
import { indicatorTitle, indicatorType, indicatorUnit, memberTitle, presentIndicators, readRows } from '../rows'

export interface Head { id: string; title: string; unit: string }
export interface TableRow { code: string; title: string; cells: { value: Figure; yoy: Change | null; sort: number }[] }
export interface Order { column: number; descending: boolean }

export function tableModel(def: TileDef, data: TileData, dictionary: Map<string, Indicator>, order: Order | null): { heads: Head[]; rows: TableRow[] } {
  const ids = presentIndicators(def, data)
  const dimension = def.dimension ?? ''
  const heads = ids.map((id) => ({
    id, title: indicatorTitle(data, id, dictionary),
    unit: indicatorType(data, id, dictionary) === 'percent' ? '%' : indicatorUnit(data, id, dictionary),
  }))
  const rows = readRows(data).map((row) => ({
    code: String(row[dimension] ?? ''),
    title: memberTitle(row, dimension),
    cells: ids.map((id) => ({
      value: figure(row[id], indicatorType(data, id, dictionary), indicatorUnit(data, id, dictionary)),
      yoy: def.compare?.includes('yoy') ? change(row[`${id}.yoy`], dictionary.get(id)?.direction) : null,
      sort: toNumber(row[id]) ?? Number.NEGATIVE_INFINITY,
    })),
  }))
  if (!order) return { heads, rows: rows.sort((a, b) => a.code.localeCompare(b.code)) }
  const sign = order.descending ? -1 : 1
  return { heads, rows: rows.sort((a, b) => sign * ((a.cells[order.column]?.sort ?? 0) - (b.cells[order.column]?.sort ?? 0))) }
}
