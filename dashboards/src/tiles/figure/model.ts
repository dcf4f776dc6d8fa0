// From the rows of one indicator (13 periods, the last is the figure) to what the card shows.

import { change, figure, toNumber, type Change, type Figure } from '@/format/figures'
import { changeColumn, isIncomplete, indicatorType, indicatorUnit, readRows } from '../rows'
import type { Indicator, TileData, TileDef } from '@/http/types'

export interface Point { period: string; value: number | null; text: string; incomplete: boolean }
export interface FigureModel {
  value: Figure
  yoy: Change | null
  mom: Change | null
  cumulative: Figure | null
  points: Point[]
  incomplete: boolean
}

export function figureModel(def: TileDef, data: TileData, dictionary: Map<string, Indicator>): FigureModel {
  const id = def.indicators?.[0] ?? ''
  const type = indicatorType(data, id, dictionary)
  const unit = indicatorUnit(data, id, dictionary)
  const direction = dictionary.get(id)?.direction
  const rows = readRows(data)
  const last = rows.at(-1)
  const shows = (form: string): boolean => def.compare?.includes(form) ?? false
  const running = last?.[`${id}.cumulative`]
  return {
    value: figure(last?.[id], type, unit),
    yoy: shows('yoy') ? change(last?.[`${id}.yoy`], direction, changeColumn(data, `${id}.yoy`)) : null,
    mom: shows('mom') ? change(last?.[`${id}.mom`], direction, changeColumn(data, `${id}.mom`)) : null,
    cumulative: shows('cumulative') && running !== undefined && running !== null ? figure(running, type, unit) : null,
    points: rows.map((row) => {
      const f = figure(row[id], type, unit)
      return {
        period: String(row.period ?? '').slice(0, 7),
        value: toNumber(row[id]),
        text: `${f.text}${f.scale}${f.missing ? '' : f.unit}`,
        incomplete: isIncomplete(row.period, data.incomplete_from),
      }
    }),
    incomplete: isIncomplete(last?.period, data.incomplete_from),
  }
}

/** SVG coordinates in a 100 x 30 box. The area stands on zero: half the height is half the figure. */
export function sparkline(points: Point[]): { x: number; y: number; incomplete: boolean }[] {
  const known = points.filter((p) => p.value !== null)
  if (known.length === 0) return []
  const values = known.map((p) => p.value ?? 0)
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const room = high - low || 1
  return points.flatMap((p, i) => p.value === null ? [] : [{
    x: points.length === 1 ? 50 : (i / (points.length - 1)) * 100,
    y: 28 - ((p.value - low) / room) * 26,
    incomplete: p.incomplete,
  }])
}
