import { expect, test } from 'vitest'
import { tableModel, wholeRow } from './model'

const columns = ['district', 'A', 'A.yoy', 'B'].map((name) => ({ name, title: `指标${name}`, type: name === 'B' ? 'percent' : name === 'A' ? 'integer' : 'ratio', unit: name === 'A' ? '笔' : '' }))
const def = { id: 't', kind: 'table', title: '', indicators: ['A', 'B'], dimension: 'district', compare: ['yoy'] }
const data = { state: 'ok' as const, columns, rows: [['310104', 5, 0.5, '12.50'], ['310101', 9, -0.1, null], ['310105', 7, null, '11.00']] }

test('page_12: every number stands under a name, the change too', () => {
  const plain = tableModel(def, data, new Map(), null)
  expect(plain.heads.map((h) => `${h.title}${h.unit}`)).toEqual(['指标A笔', '同比', '指标B%'])
  expect(plain.rows.map((r) => [r.title, r.cells[1]?.change?.text, r.cells[2]?.value?.text])).toEqual([['黄浦区', '10.0%', '—'], ['徐汇区', '50.0%', '12.50'], ['长宁区', '—', '11.00']])
})

test('page_12: sorted by any column, missing last both ways', () => {
  const order = (column: number, descending: boolean) => tableModel(def, data, new Map(), { column, descending }).rows.map((r) => r.title)
  expect([order(0, true), order(1, true), order(2, false)]).toEqual([['黄浦区', '长宁区', '徐汇区'], ['徐汇区', '黄浦区', '长宁区'], ['长宁区', '徐汇区', '黄浦区']])
})

test('rows stand in the order of the dimension, what it does not list after them', () => {
  const members = ['310105', '310104'].map((code) => ({ code, title: code }))
  expect(tableModel(def, data, new Map(), null, members).rows.map((r) => r.code)).toEqual(['310105', '310104', '310101'])
})

test('page_12: the whole stands above its parts, as the board says it', () => {
  const { heads } = tableModel(def, data, new Map(), null)
  const texts = (whole: (string | number | null)[]) => wholeRow(heads, { ...data, whole }, new Map())?.map((c) => c.value?.text ?? c.change?.text ?? '')
  expect(texts([null, 21, 0.2, '11.75'])).toEqual(['21', '20.0%', '11.75'])
  expect(texts([null, null, null, null])).toEqual(['—', '—', '—'])
  expect(wholeRow(heads, data, new Map())).toBe(null)
})
