import { expect, test } from 'vitest'
import { figureModel, sparkline } from './model'
import type { Cell } from '@/format/figures'

const def = { id: 't', kind: 'figure', title: '交易', indicators: ['S1-U03'], compare: ['yoy', 'mom'] }
const columns = ['period', 'S1-U03', 'S1-U03.yoy', 'S1-U03.mom'].map((name) => ({ name, title: name, type: name === 'S1-U03' ? 'integer' : 'ratio', unit: '笔' }))
const dictionary = new Map([['S1-U03', { id: 'S1-U03', title: '交易笔数', direction: 'up' }]])
const model = (rows: Cell[][], incomplete_from: string | null = null) => figureModel(def, { state: 'ok', columns, rows, incomplete_from }, dictionary)

test('the last row is the figure', () => {
  const m = model([['2026-09-01', 9000, 0.1, 0.2], ['2026-10-01', 43291, 0.123, -0.02]])
  expect([m.value.text, m.value.scale, m.value.unit, m.value.exact]).toEqual(['4.33', '万', '笔', '43,291 笔'])
  expect([m.yoy?.arrow, m.yoy?.tone, m.mom?.arrow, m.mom?.tone]).toEqual(['▲', 'good', '▼', 'bad'])
  expect(m.points.map((p) => p.period)).toEqual(['2026-09', '2026-10'])
})

test('missing stays missing', () => {
  const m = model([['2026-10-01', null, null, null]])
  expect([m.value.missing, m.value.text, m.yoy?.text]).toEqual([true, '—', '—'])
  expect(sparkline(m.points)).toEqual([])
  expect(model([]).value.text).toBe('—')
})

test('a running period is marked', () => {
  const m = model([['2026-10-01', 10, null, null], ['2026-11-01', 7, null, null]], '2026-11-01')
  expect([m.incomplete, m.points[0]?.incomplete, m.points[1]?.incomplete]).toEqual([true, false, true])
  expect(sparkline(m.points).map((p) => p.x)).toEqual([0, 100])
})

test('page_12: the area under the small trend stands on zero', () => {
  const y = sparkline(model([['2026-09-01', 95, null, null], ['2026-10-01', 100, null, null], ['2026-11-01', 0, null, null]]).points).map((p) => p.y)
  expect(y).toEqual([28 - 0.95 * 26, 2, 28])
})

test('page_6: a rate changes by percentage points', () => {
  const points = columns.map((c) => (c.name.includes('.') ? { ...c, type: 'decimal', unit: '百分点' } : { ...c, type: 'percent', unit: '%' }))
  const m = figureModel(def, { state: 'ok', columns: points, rows: [['2026-10-01', '93.21', '-1.30', '0.00']] }, dictionary)
  expect([m.yoy?.arrow, m.yoy?.text, m.mom?.text]).toEqual(['▼', '1.30 百分点', '持平'])
})
