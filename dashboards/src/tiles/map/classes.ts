// Class breaks of the map: at most seven, round numbers, about the same count of districts in each.

import { axisText } from '@/format/figures'

export interface MapClass { from: number; to: number; label: string }

/** The roundest number above `below` and not above `value`, so that no class is left without a district. */
function between(below: number, value: number): number {
  for (let digits = 1; digits <= 6 && value > 0; digits++) {
    const step = 10 ** (Math.floor(Math.log10(value)) - digits + 1)
    const cut = Number((Math.floor(value / step) * step).toPrecision(digits))
    if (cut > below && cut <= value) return cut
  }
  return value
}

/** `wanted` classes at most; fewer when the values do not tell more apart. */
export function classesOf(values: number[], wanted = 6, suffix = ''): MapClass[] {
  const sorted = [...values].sort((a, b) => a - b)
  const low = sorted[0]
  const high = sorted.at(-1)
  if (low === undefined || high === undefined) return []
  if (low === high) return [{ from: low, to: high, label: `${axisText(low)}${suffix}` }]
  const count = Math.min(7, wanted, new Set(sorted).size)
  const inner: number[] = []
  for (let i = 1; i < count; i++) {
    const at = Math.floor((i * sorted.length) / count)
    const value = sorted[at] ?? high
    const below = sorted[at - 1] ?? low
    // Equal values stay together, whatever their number.
    if (value > below) inner.push(between(below, value))
  }
  const edges = [low, ...inner, high]
  return edges.slice(1).map((to, i) => {
    const from = edges[i] ?? low
    const first = i === 0
    const last = i === edges.length - 2
    const label = first && last ? `${axisText(from)}–${axisText(to)}${suffix}`
      : first ? `＜ ${axisText(to)}${suffix}`
      : last ? `≥ ${axisText(from)}${suffix}`
      : `${axisText(from)}–${axisText(to)}${suffix}`
    return { from, to, label }
  })
}

export function classIndex(value: number, classes: MapClass[]): number {
  for (let i = classes.length - 1; i > 0; i--) {
    if (value >= (classes[i]?.from ?? Number.POSITIVE_INFINITY)) return i
  }
  return 0
}
