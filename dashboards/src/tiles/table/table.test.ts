import { expect, test } from 'vitest'
import { tableModel } from './model'

const columns = ['district', 'A', 'B'].map((name) => ({ name, title: `指标${name}`, type: name === 'B' ? 'percent' : 'integer', unit: name === 'A' ? '笔' : '' }))
const def = { id: 't', kind: 'table', title: '', indicators: ['A', 'B'], dimension: 'district' }
const data = { state: 'ok' as const, columns, rows: [['310104', 5, '12.50'], ['310101', 9, null]] }

test('heads, district names, order', () => {
  const plain = tableModel(def, data, new Map(), null)
  expect(plain.heads.map((h) => `${h.title}${h.unit}`)).toEqual(['指标A笔', '指标B%'])
  expect(plain.rows.map((r) => [r.title, r.cells[1]?.value.text])).toEqual([['黄浦区', '—'], ['徐汇区', '12.50']])
  expect(tableModel(def, data, new Map(), { column: 1, descending: true }).rows.map((r) => r.title)).toEqual(['徐汇区', '黄浦区'])
})
