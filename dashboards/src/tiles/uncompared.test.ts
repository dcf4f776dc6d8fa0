import { expect, test } from 'vitest'
import { uncompared } from './rows'

const missing = (indicator: string, compare: string | null, reason: string) => ({ indicator, from: '2026-11-01', to: '2026-11-30', code: '', compare, reason })

test('why a figure is not compared is told once, and of several indicators with their names', () => {
  const columns = ['A', 'B'].map((name) => ({ name, title: `指标${name}`, type: 'integer', unit: '家' }))
  const data = { state: 'ok' as const, columns, rows: [], missing: [missing('A', 'yoy', '本期未完'), missing('A', 'mom', '本期未完'), missing('B', 'yoy', '本期未完'), missing('B', null, '没有数字')] }
  const def = { id: 't', kind: 'figure', title: '', indicators: ['A'], compare: ['yoy', 'mom'] }
  expect(uncompared(def, { ...data, missing: data.missing.slice(0, 2) }, '2026-11-01', new Map())).toEqual(['本期未完'])
  expect(uncompared({ ...def, indicators: ['A', 'B'] }, data, '2026-11-01', new Map())).toEqual(['指标A、指标B：本期未完'])
  expect(uncompared(def, data, '2026-12-01', new Map())).toEqual([])
})
