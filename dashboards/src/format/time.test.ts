import { expect, test } from 'vitest'
import { ago, isMonth, latestCompleteMonth, monthLabel, shanghai, shiftMonth, stamp, withOffset } from './time'

test('the office day is Shanghai time', () => {
  expect(shanghai(new Date('2026-10-31T16:30:00Z'))).toBe('2026-11-01 00:30:00')
  expect(shanghai(new Date('2026-07-01T15:59:59.999Z'))).toBe('2026-07-01 23:59:59')
  expect(shanghai(new Date('1988-07-01T15:00:00Z'))).toBe('1988-07-02 00:00:00')
  expect(latestCompleteMonth(new Date('2026-10-31T15:59:59Z'))).toBe('2026-09')
  expect(latestCompleteMonth(new Date('2026-10-31T16:00:00Z'))).toBe('2026-10')
})

test('months', () => {
  expect(shiftMonth('2026-01', -1)).toBe('2025-12')
  expect(shiftMonth('2025-12', 1)).toBe('2026-01')
  expect(shiftMonth('2026-10', -24)).toBe('2024-10')
  expect(monthLabel('2026-09')).toBe('2026年9月')
  expect([isMonth('2026-13'), isMonth('2026-1'), isMonth('2026-12'), isMonth(undefined)]).toEqual([false, false, true, false])
})

test('stamps', () => {
  expect(stamp('2026-11-21T23:05:09+08:00')).toBe('2026-11-21 23:05')
  expect(stamp('2026-11-21T15:05:09Z', 'second')).toBe('2026-11-21 23:05:09')
  expect(stamp(null)).toBe('—')
  expect(withOffset('2026-10-01 09:30:00')).toBe('2026-10-01T09:30:00+08:00')
  expect(ago('2026-11-21T10:00:00+08:00', new Date('2026-11-21T02:05:00Z'))).toBe('5 分钟前')
})
