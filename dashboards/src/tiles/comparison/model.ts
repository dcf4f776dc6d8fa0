// What the server tells of a comparison, in words: the own figure, the average of the districts, the place among them.
// What it holds back is said, never guessed and never computed here.

import { figure, toNumber, type Figure } from '@/format/figures'
import type { ComparisonAnswer, ComparisonDef, ComparisonRow } from '@/http/types'

export interface Line {
  key: string
  title: string
  district: string
  own: Figure
  /** The average as shown: a figure, `<5` or 不予显示. */
  average: string
  averageExact: string
  rank: string
  among: string
  /** Why something is not shown; empty if all is. */
  why: string
  /** Lengths of the two bars, in percent of the longer one; none when the average is not told. */
  bars: { own: number; average: number } | null
}

const QUARTILES = ['', '居前四分之一', '居第二个四分之一', '居第三个四分之一', '居后四分之一']
export const WITHHELD = '不予显示'

/** What a comparison can be asked for while these members are chosen: one dimension at a time, and one it has; `null` is the
 *  total, `undefined` that it cannot follow the choice. The district is chosen among the rows. */
export function asked(def: ComparisonDef, chosen: Record<string, string>): { dimension: string; member: string } | null | undefined {
  const others = Object.entries(chosen).filter(([dimension]) => dimension !== 'district')
  const [first] = others
  if (!first) return null
  const [dimension, member] = first
  return others.length === 1 && def.dimensions.includes(dimension) ? { dimension, member } : undefined
}

/** The rows one looks at: of the chosen district (or the own ones) and of the chosen member (or the total). */
export function chosenRows(answer: ComparisonAnswer, district: string | null, member: string | null): ComparisonRow[] {
  return answer.rows.filter((r) => (member ? r.slot === 'member' && r.member === member : r.slot === 'total') && (!district || r.district === district))
}

export function line(def: ComparisonDef, row: ComparisonRow, minimum: number): Line {
  const type = def.type ?? 'decimal'
  const own = figure(row.own, type, def.unit)
  const average = figure(row.state === 'shown' ? row.average : null, type, def.unit)
  const why = row.state === 'small' ? `不足 ${minimum} 人，平均与名次不显示` : row.state === 'held_back' ? '为防止推算出其他区的数，这一格不显示' : ''
  const a = toNumber(row.own)
  const b = row.state === 'shown' ? toNumber(row.average) : null
  const longest = Math.max(a ?? 0, b ?? 0)
  return {
    key: `${def.id}|${row.district}`,
    title: def.title.replace(/对比$/, ''),
    district: row.district_name,
    own,
    average: row.state === 'small' ? row.average ?? `<${minimum}` : row.state === 'held_back' ? WITHHELD : `${average.text}${average.scale}`,
    averageExact: why || average.exact,
    rank: row.state === 'shown' ? row.rank_text ?? '—' : WITHHELD,
    among: [row.state === 'shown' && row.of && row.rank_text ? `共 ${row.of} 个区` : '', row.state === 'shown' ? QUARTILES[row.quartile ?? 0] ?? '' : ''].filter(Boolean).join('，'),
    why,
    bars: a !== null && b !== null && longest > 0 ? { own: Math.max(0, (a / longest) * 100), average: Math.max(0, (b / longest) * 100) } : null,
  }
}
