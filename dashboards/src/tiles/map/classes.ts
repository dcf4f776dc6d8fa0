// Class breaks of the map: natural breaks (what lies close together is one class), round numbers, at most seven classes.

import { axisText } from '@/format/figures'

export interface MapClass { from: number; to: number; label: string }

/** How much of the differences the classes must explain before one more is worth its colour. */
const ENOUGH = 0.97

/** Where each class begins in sorted values, so that the squared distances within the classes are least (Fisher, Jenks). */
function naturalStarts(sorted: number[], count: number): { starts: number[]; within: number } {
  const n = sorted.length
  const sums = [0]
  const squares = [0]
  for (const v of sorted) {
    sums.push((sums.at(-1) ?? 0) + v)
    squares.push((squares.at(-1) ?? 0) + v * v)
  }
  const spread = (from: number, to: number): number => {
    const size = to - from
    const sum = (sums[to] ?? 0) - (sums[from] ?? 0)
    return Math.max(0, (squares[to] ?? 0) - (squares[from] ?? 0) - (sum * sum) / size)
  }
  let cost = Array.from({ length: n + 1 }, (_, i) => (i === 0 ? 0 : spread(0, i)))
  const cuts: number[][] = []
  for (let c = 2; c <= count; c++) {
    const next = Array<number>(n + 1).fill(Number.POSITIVE_INFINITY)
    const cut = Array<number>(n + 1).fill(0)
    for (let to = c; to <= n; to++) {
      for (let from = c - 1; from < to; from++) {
        const total = (cost[from] ?? 0) + spread(from, to)
        if (total < (next[to] ?? 0)) { next[to] = total; cut[to] = from }
      }
    }
    cost = next
    cuts.push(cut)
  }
  const starts: number[] = []
  let at = n
  for (const cut of cuts.reverse()) { at = cut[at] ?? 0; starts.unshift(at) }
  return { starts, within: cost[n] ?? 0 }
}

/** The roundest number above `below` and not above `value`, so that no class is left without a district. */
function between(below: number, value: number): number {
  for (let digits = 1; digits <= 6 && value > 0; digits++) {
    const step = 10 ** (Math.floor(Math.log10(value)) - digits + 1)
    const cut = Number((Math.floor(value / step) * step).toPrecision(digits))
    if (cut > below && cut <= value) return cut
  }
  return value
}

/** `most` classes at most; fewer when fewer tell the values apart. */
export function classesOf(values: number[], most = 6, suffix = ''): MapClass[] {
  const sorted = [...values].sort((a, b) => a - b)
  const low = sorted[0]
  const high = sorted.at(-1)
  if (low === undefined || high === undefined) return []
  if (low === high) return [{ from: low, to: high, label: `${axisText(low)}${suffix}` }]
  const distinct = new Set(sorted).size
  const whole = naturalStarts(sorted, 1).within
  let chosen = naturalStarts(sorted, Math.min(distinct, 2))
  for (let count = 3; count <= Math.min(7, most, distinct); count++) {
    if (count > 4 && chosen.within <= whole * (1 - ENOUGH)) break
    chosen = naturalStarts(sorted, count)
  }
  const inner = chosen.starts.flatMap((start) => {
    const below = sorted[start - 1] ?? low
    const value = sorted[start] ?? high
    // Equal values stay together.
    return value > below ? [between(below, value)] : []
  })
  const edges = [low, ...inner, high]
  return edges.slice(1).map((to, i) => {
    const from = edges[i] ?? low
    const last = i === edges.length - 2
    const label = i === 0 ? `＜ ${axisText(to)}${suffix}` : last ? `≥ ${axisText(from)}${suffix}` : `${axisText(from)}–${axisText(to)}${suffix}`
    return { from, to, label }
  })
}

export function classIndex(value: number, classes: MapClass[]): number {
  for (let i = classes.length - 1; i > 0; i--) {
    if (value >= (classes[i]?.from ?? Number.POSITIVE_INFINITY)) return i
  }
  return 0
}
