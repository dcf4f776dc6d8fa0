import { expect, test } from 'vitest'
import { rankingModel } from './model'

const columns = ['district', 'district_name', 'A', 'A.rank', 'A.yoy'].map((name) => ({ name, title: name, type: name === 'A' ? 'integer' : 'text', unit: '笔' }))
const def = { id: 'r', kind: 'ranking', title: '', indicators: ['A'], dimension: 'district', compare: ['rank', 'yoy'] }

test('follows the rank of the server', () => {
  const rows = rankingModel(def, { state: 'ok', columns, rows: [['310101', '黄浦区', 50, 2, -0.1], ['310104', '徐汇区', 100, 1, 0.1]] }, new Map())
  expect(rows.map((r) => [r.rank, r.title, r.width])).toEqual([['1', '徐汇区', 100], ['2', '黄浦区', 50]])
  expect(rows[0]?.yoy?.arrow).toBe('▲')
})

test('without rank: from high to low, missing last', () => {
  const rows = rankingModel(def, { state: 'ok', columns: columns.slice(0, 3), rows: [['310101', null, null], ['310104', null, 5], ['310105', null, 9]] }, new Map())
  expect(rows.map((r) => [r.title, r.value.text, r.width])).toEqual([['长宁区', '9', 100], ['徐汇区', '5', (5 / 9) * 100], ['黄浦区', '—', 0]])
})
