import { expect, test } from 'vitest'
import { ticksOf, trendPicture } from './geometry'
import { hasValues, trendModel } from './model'

const rows = [
  { period: '2024-10-01', A: 1 }, { period: '2025-01-01', A: 2 }, { period: '2025-12-01', A: '3.50' },
  { period: '2026-01-01', A: 4, 'A.yoy': 1 }, { period: '2026-02-01', A: null },
]

test('two years on one axis of twelve months', () => {
  const m = trendModel(rows, 'A')
  expect([m?.current.year, m?.previous?.year]).toEqual(['2026', '2025'])
  expect(m?.current.months.map((p) => p?.value ?? null)).toEqual([4, ...Array(11).fill(null)])
  expect([m?.previous?.months[0]?.value, m?.previous?.months[11]?.value]).toEqual([2, 3.5])
  expect(m?.current.months[0]?.yoy).toBe(1)
  expect(m?.current.months).toHaveLength(12)
})

test('the running month is marked; nothing at all is no picture', () => {
  expect(trendModel(rows, 'A', '2026-02-01')?.current.months[1]?.incomplete).toBe(true)
  expect(trendModel([], 'A')).toBe(null)
  expect(hasValues(trendModel([{ period: '2026-01-01', A: null }], 'A'))).toBe(false)
})

test('round ticks from zero hold every value', () => {
  expect(ticksOf(0, 269164)).toEqual([0, 100000, 200000, 300000])
  expect(ticksOf(91, 98.2)).toEqual([0, 25, 50, 75, 100])
  expect(ticksOf(-30, 80)).toEqual([-50, 0, 50, 100])
  expect(ticksOf(0, 0)).toEqual([0, 1])
})

test('page_13: the labels at the ends of two close lines do not lie on each other', () => {
  const close = trendModel(Array.from({ length: 24 }, (_, i) => ({ period: `${2025 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-01`, A: 1000 + (i >= 12 ? 5 : 0) })), 'A')
  const picture = trendPicture(close!, 340, 170, 12)
  const [last, main] = picture.lines.map((l) => l.end!.label)
  expect(Math.abs(main! - last!)).toBeGreaterThanOrEqual(12)
  expect(Math.max(main!, last!)).toBeLessThanOrEqual(picture.bottom)
  expect(picture.months.filter((m) => m.text).length).toBe(6)
})

test('the running month is a dashed tail with an open end', () => {
  const picture = trendPicture(trendModel([{ period: '2026-01-01', A: 3 }, { period: '2026-02-01', A: 1 }], 'A', '2026-02-01')!, 600, 300, 12)
  expect(picture.lines[0]?.dots.map((d) => d.open)).toEqual([false, true])
  expect(picture.lines[0]?.tail.split('L')).toHaveLength(2)
})
