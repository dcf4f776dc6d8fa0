// Reading the rows of a tile by column name. No arithmetic: what is shown was computed by the server.

import type { Cell } from '@/format/figures'
import { districtName } from '@/format/districts'
import type { Column, Indicator, TileData, TileDef } from '@/http/types'

export type Row = Record<string, Cell>

export function readRows(data: TileData): Row[] {
  const names = (data.columns ?? []).map((c) => c.name)
  return (data.rows ?? []).map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]])))
}

export function column(data: TileData, name: string): Column | undefined {
  return data.columns?.find((c) => c.name === name)
}

/** The column of a change, which says whether it is a ratio or percentage points. */
export const changeColumn = column

/** The indicators of a tile the answer really has: some cannot be filtered and are left out by the server. */
export function presentIndicators(def: TileDef, data: TileData): string[] {
  return (def.indicators ?? []).filter((id) => column(data, id) !== undefined)
}

export function indicatorType(data: TileData, id: string, dictionary: Map<string, Indicator>): string {
  return column(data, id)?.type ?? dictionary.get(id)?.type ?? 'decimal'
}

export function indicatorUnit(data: TileData, id: string, dictionary: Map<string, Indicator>): string {
  return column(data, id)?.unit ?? dictionary.get(id)?.unit ?? ''
}

export function indicatorTitle(data: TileData | null, id: string, dictionary: Map<string, Indicator>): string {
  return dictionary.get(id)?.title ?? (data ? column(data, id)?.title : undefined) ?? id
}

/** The words for a member of a dimension: district codes have names, others are their own name. */
export function memberTitle(row: Row, dimension: string): string {
  const named = row[`${dimension}_name`]
  if (typeof named === 'string' && named) return named
  const code = row[dimension]
  if (code === null || code === undefined || code === '') return '未填'
  return dimension === 'district' ? districtName(String(code)) : String(code)
}

/** Why changes of the shown period are missing beside figures that are there, each reason once; with several indicators it says of which. */
export function uncompared(def: TileDef, data: TileData, from: string | undefined, dictionary: Map<string, Indicator>): string[] {
  const reasons = new Map<string, Set<string>>()
  for (const m of data.missing ?? []) {
    if (m.compare && (def.compare ?? []).includes(m.compare) && m.to >= (from ?? '')) reasons.set(m.reason, (reasons.get(m.reason) ?? new Set()).add(m.indicator))
  }
  return [...reasons].map(([reason, ids]) => ((def.indicators?.length ?? 0) > 1 ? `${[...ids].map((id) => indicatorTitle(data, id, dictionary)).join('、')}：${reason}` : reason))
}

export function isIncomplete(period: Cell, incompleteFrom: string | null | undefined): boolean {
  return typeof period === 'string' && !!incompleteFrom && period.slice(0, 10) >= incompleteFrom.slice(0, 10)
}
