// Class breaks of the map: at most seven, round numbers, about the same count of districts in each.

import { axisText } from '@/format/figures'

export interface MapClass { from: number; to: number; label: string }

function roundTo(value: number, digits: number): number {
  if (value === 0) return 0
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1)
  return Math.round(value / step) * step
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
    const cut = roundTo(sorted[Math.floor((i * sorted.length) / count)] ?? high, 2)
    if (cut > low && cut <= high && cut > (inner.at(-1) ?? Number.NEGATIVE_INFINITY)) inner.push(cut)
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
