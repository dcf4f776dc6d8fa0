import { expect, test } from 'vitest'
import type { ComparisonDef, ComparisonRow } from '@/http/types'
import { asked, chosenRows, line } from './model'

const def: ComparisonDef = { id: 'transactions', title: '优待交易笔数对比', indicator: 'S1-U03', unit: '笔', type: 'integer', statistics: [], dimensions: ['category'], minimum: 5 }
const row = (part: Partial<ComparisonRow>): ComparisonRow => ({ slot: 'total', member: null, district: '310104', district_name: '徐汇区', own: '1234', average: '2468.50', rank_text: '第5名', of: 16, quartile: 2, state: 'shown', ...part })

test('own, average, place and two bars from zero', () => {
  expect(line(def, row({}), 5)).toMatchObject({ title: '优待交易笔数', average: '2,468.50', rank: '第5名', among: '共 16 个区，居第二个四分之一', why: '', bars: { average: 100 } })
  expect(line(def, row({}), 5).own.text).toBe('1,234')
  expect(line(def, row({ rank_text: '前3名', quartile: 1 }), 5).rank).toBe('前3名')
})

test('a small cell says <5, a held-back one says so; neither gives a bar or a place', () => {
  const small = line(def, row({ average: '<5', rank_text: null, of: null, quartile: null, state: 'small' }), 5)
  expect([small.average, small.rank, small.among, small.bars]).toEqual(['<5', '不予显示', '', null])
  expect(small.why).toContain('不足 5 人')
  const held = line(def, row({ average: null, rank_text: null, of: null, quartile: null, state: 'held_back' }), 5)
  expect([held.average, held.rank, held.bars]).toEqual(['不予显示', '不予显示', null])
  expect(held.own.text).toBe('1,234')
  // Were a server to send more than it should, the page still shows nothing of it.
  expect(line(def, row({ state: 'held_back' }), 5)).toMatchObject({ average: '不予显示', rank: '不予显示', among: '', bars: null })
})

test('missing is a dash', () => {
  expect(line(def, row({ own: null, average: null, rank_text: null, of: null, quartile: null }), 5)).toMatchObject({ average: '—', rank: '—', bars: null })
})

test('one dimension at a time, and one the comparison has', () => {
  expect(asked(def, { district: '310104' })).toBe(null)
  expect(asked(def, { district: '310104', category: '文旅' })).toEqual({ dimension: 'category', member: '文旅' })
  expect(asked(def, { other: 'x' })).toBe(undefined)
  expect(asked(def, { category: '文旅', other: 'x' })).toBe(undefined)
})

test('the chosen district and member, else the own total', () => {
  const answer = { comparison: 'x', title: '', minimum: 5, rows: [row({}), row({ district: '310105' }), row({ slot: 'member', member: '文旅' })] }
  expect(chosenRows(answer, null, null)).toHaveLength(2)
  expect(chosenRows(answer, '310105', null).map((r) => r.district)).toEqual(['310105'])
  expect(chosenRows(answer, null, '文旅').map((r) => r.member)).toEqual(['文旅'])
})
