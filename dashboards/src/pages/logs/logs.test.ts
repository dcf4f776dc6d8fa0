import { expect, test } from 'vitest'
import { details, readSearch, writeSearch } from './search'

test('page_11: the search of the log lives in the address', () => {
  const search = readSearch({ actor: ' city ', from: '2026-11-01', junk: 'x', result: ['done', 'refused'] })
  expect(writeSearch(search)).toEqual({ actor: 'city', from: '2026-11-01' })
})

test('page_11: an entry tells why and what changed', () => {
  const entry = { seq: 1, at: '', actor: 'a', action: 'reverse', target_type: 't', target_id: 'i', result: '成功', reason: '重复登记', before: { state: 'confirmed' }, after: { state: 'reversed', tables: ['a'] } }
  expect(details(entry)).toEqual([['原因', '重复登记'], ['之前 state', 'confirmed'], ['之后 state', 'reversed'], ['之后 tables', '["a"]']])
  expect(details({ ...entry, reason: null, before: null, after: null, fields: ['实付金额', '享受方式'] })).toEqual([['改动的字段', '实付金额、享受方式']])
  expect(details({ ...entry, reason: null, before: null, after: null })).toEqual([])
})
