import { expect, test } from 'vitest'
import { filesOf, isNarrow, matches, sheetOf } from './quarantine'

const row = (part: object) => ({ id: 1, file: 'bank_2026-10.csv', row_no: 7, reason: 'bad_code', detail: '类别“吃饭”不在约定范围内', raw: 'T1,3100********3510,吃饭', created_at: '2026-11-01T08:00:00+08:00', ...part })
const none = { reason: '', file: '', state: '' as const, q: '' }

test('page_11: quarantined rows are narrowed by reason, file, state and words', () => {
  expect([isNarrow(none), matches(row({}), none)]).toEqual([false, true])
  const found = (by: object): boolean => matches(row({}), { ...none, ...by })
  expect([found({ reason: 'bad_code' }), found({ reason: 'bad_time' }), found({ file: 'other.csv' }), found({ state: 'waiting' }), found({ state: 'done' })]).toEqual([true, false, false, true, false])
  expect([found({ q: '吃饭 t1' }), found({ q: '7' }), found({ q: '买书' }), matches(row({ state: 'replayed' }), { ...none, state: 'done' })]).toEqual([true, true, false, true])
  expect(filesOf([row({}), row({ file: 'b.csv' }), row({ file: 'b.csv' }), row({ file: undefined })])).toEqual([['b.csv', 2], ['bank_2026-10.csv', 1]])
})

test('page_11: they can be taken along with the reason and what to do', () => {
  const [head, first] = sheetOf([row({})])
  expect(head).toContain('怎样处理')
  expect(first).toEqual(['bank_2026-10.csv', '7', '代码不在约定范围内', '类别“吃饭”不在约定范围内', '请核对类别、方式等代码。', 'T1,3100********3510,吃饭', '2026-11-01 08:00:00', '待处理'])
})
