// The picture of two years in pixels: round ticks from zero, paths, and labels at the ends that never lie on each other.

import { axisText } from '@/format/figures'
import type { TrendModel, YearLine } from './model'

export interface Dot { x: number; y: number; month: number; open: boolean }
export interface DrawnLine { year: string; main: boolean; whole: string; tail: string; dots: Dot[]; end: { x: number; y: number; label: number } | null }
export interface TrendPicture { left: number; right: number; top: number; bottom: number; ticks: { y: number; text: string }[]; months: { x: number; text: string }[]; lines: DrawnLine[] }

/** Round steps that hold all values and zero: 0, 2万, 4万 … */
export function ticksOf(low: number, high: number, wanted = 4): number[] {
  const from = Math.min(0, low)
  const to = Math.max(0, high)
  if (from === to) return [0, 1]
  const rough = (to - from) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10)
  const first = Math.floor(from / step)
  const count = Math.ceil(to / step) - first
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

function path(points: ({ x: number; y: number } | null)[]): string {
  let pen = 'M'
  return points.map((p) => {
    if (!p) { pen = 'M'; return '' }
    const piece = `${pen}${p.x.toFixed(1)} ${p.y.toFixed(1)}`
    pen = 'L'
    return piece
  }).join('')
}

export function trendPicture(model: TrendModel, width: number, height: number, font: number, suffix = ''): TrendPicture {
  const drawn: { line: YearLine; main: boolean }[] = [...(model.previous ? [{ line: model.previous, main: false }] : []), { line: model.current, main: true }]
  const values = drawn.flatMap(({ line }) => line.months.flatMap((m) => (m?.value === null || m?.value === undefined ? [] : [m.value])))
  const steps = ticksOf(Math.min(0, ...values), Math.max(0, ...values))
  const texts = steps.map((v) => `${axisText(v)}${suffix}`)
  const left = Math.max(...texts.map((t) => [...t].length)) * font * 0.62 + font
  const right = width - font * 4.4
  const top = font
  const bottom = height - font * 2
  const low = steps[0] ?? 0
  const high = steps.at(-1) ?? 1
  const x = (month: number): number => left + ((right - left) * month) / 11
  const y = (value: number): number => bottom - ((bottom - top) * (value - low)) / (high - low)
  const every = (right - left) / 12 < font * 2.6 ? 2 : 1

  const lines = drawn.map(({ line, main }) => {
    const at = line.months.map((m, month) => (m?.value === null || m?.value === undefined ? null : { x: x(month), y: y(m.value), month, open: m.incomplete }))
    const running = at.findIndex((p) => p?.open)
    const whole = at.map((p) => (p?.open ? null : p))
    const tail = running < 0 ? [] : at.slice(Math.max(0, running - 1), running + 1)
    const last = at.findLast((p) => p !== null)
    return { year: line.year, main, whole: path(whole), tail: path(tail), dots: main ? at.filter((p) => p !== null) : [], end: last ? { x: last.x, y: last.y, label: last.y } : null }
  })
  // Two labels at the same place are moved apart, the upper one upwards.
  const [a, b] = lines.map((l) => l.end)
  if (a && b && Math.abs(a.x - b.x) < font * 4.2 && Math.abs(a.y - b.y) < font * 1.3) {
    const middle = Math.min(Math.max((a.y + b.y) / 2, top + font * 0.65), bottom - font * 0.65)
    const [upper, lower] = a.y <= b.y ? [a, b] : [b, a]
    upper.label = middle - font * 0.65
    lower.label = middle + font * 0.65
  }
  return {
    left, right, top, bottom,
    ticks: steps.map((v, i) => ({ y: y(v), text: texts[i] ?? '' })),
    months: Array.from({ length: 12 }, (_, i) => ({ x: x(i), text: i % every === 0 ? `${i + 1}月` : '' })),
    lines,
  }
}
