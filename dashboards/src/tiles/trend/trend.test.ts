import { expect, test } from 'vitest'
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
