// The rows of a table tile: each indicator has its figure and, as a column of its own, the change; the whole stands above.

import { change, figure, toNumber, type Change, type Figure } from '@/format/figures'
import type { Indicator, Member, TileData, TileDef } from '@/http/types'
import { changeColumn, indicatorTitle, indicatorType, indicatorUnit, memberTitle, presentIndicators, readRows, type Row } from '../rows'

export interface Head { key: string; title: string; unit: string; of: string; change: boolean }
export interface TableCell { value: Figure | null; change: Change | null; sort: number }
export interface TableRow { code: string; title: string; cells: TableCell[] }
export interface Order { column: number; descending: boolean }

export function tableModel(def: TileDef, data: TileData, dictionary: Map<string, Indicator>, order: Order | null, members: readonly Member[] = []): { heads: Head[]; rows: TableRow[] } {
  const heads = headsOf(def, data, dictionary)
  const dimension = def.dimension ?? ''
  const rows = readRows(data).map((row) => ({ code: String(row[dimension] ?? ''), title: memberTitle(row, dimension), cells: heads.map((h) => cell(h, row, data, dictionary)) }))
  // In the order of the dimension's own list; codes it does not list, and those of dimensions without one, by code.
  const places = new Map(members.map((m, i) => [m.code, i]))
  const place = (r: TableRow): number => places.get(r.code) ?? places.size
  const listed = (a: TableRow, b: TableRow): number => place(a) - place(b) || a.code.localeCompare(b.code)
  if (!order) return { heads, rows: rows.sort(listed) }
  const sign = order.descending ? -1 : 1
  const at = (r: TableRow): number => r.cells[order.column]?.sort ?? Number.NEGATIVE_INFINITY
  // What is missing stands last whichever way the column is sorted.
  return { heads, rows: rows.sort((a, b) => Number(at(a) === Number.NEGATIVE_INFINITY) - Number(at(b) === Number.NEGATIVE_INFINITY) || sign * (at(a) - at(b)) || listed(a, b)) }
}

/** The row of the whole as the server says it: figures and dashes like every other row, never a blank. */
export function wholeRow(heads: Head[], data: TileData, dictionary: Map<string, Indicator>): TableCell[] | null {
  const [row] = data.whole ? readRows({ ...data, rows: [data.whole] }) : []
  return row ? heads.map((h) => cell(h, row, data, dictionary)) : null
}

function headsOf(def: TileDef, data: TileData, dictionary: Map<string, Indicator>): Head[] {
  return presentIndicators(def, data).flatMap((id) => {
    const unit = indicatorType(data, id, dictionary) === 'percent' ? '%' : indicatorUnit(data, id, dictionary)
    const title = indicatorTitle(data, id, dictionary)
    const figures = { key: id, title, unit, of: id, change: false }
    return def.compare?.includes('yoy') && changeColumn(data, `${id}.yoy`) ? [figures, { key: `${id}.yoy`, title: '同比', unit: '', of: id, change: true }] : [figures]
  })
}

function cell(head: Head, row: Row, data: TileData, dictionary: Map<string, Indicator>): TableCell {
  const raw = row[head.key]
  const sort = toNumber(raw) ?? Number.NEGATIVE_INFINITY
  if (head.change) return { value: null, change: change(raw, dictionary.get(head.of)?.direction, changeColumn(data, head.key)), sort }
  return { value: figure(raw, indicatorType(data, head.of, dictionary), indicatorUnit(data, head.of, dictionary)), change: null, sort }
}
