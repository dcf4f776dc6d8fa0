import { expect, test } from 'vitest'
import { compositionModel } from './model'

const columns = ['category', 'A', 'A.share'].map((name) => ({ name, title: name, type: name === 'A' ? 'integer' : 'text', unit: '笔' }))
const def = { id: 'c', kind: 'composition', title: '', indicators: ['A'], dimension: 'category', compare: ['share'] }

test('from high to low, share as given, the colours of the definition', () => {
  const parts = compositionModel(def, { state: 'ok', columns, rows: [['餐饮', 1, 0.25], ['文旅', 3, 0.75], [null, 0, null]] }, new Map(), [{ code: '文旅', title: '文旅', colour: '#2b6cb8' }])
  expect(parts.map((p) => [p.title, p.share, p.width])).toEqual([['文旅', '75.0%', 75], ['餐饮', '25.0%', 25], ['未填', '—', 0]])
  expect(parts[0]?.colour).toBe('#2b6cb8')
})
