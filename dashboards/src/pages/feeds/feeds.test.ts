import { expect, test } from 'vitest'
import { kindLabel, lagWords, REASON_ORDER, reasonAdvice, reasonLabel, refusalLabel, sumsOf, total } from './reasons'

test('every reason of the contract has words and advice', () => {
  expect(REASON_ORDER).toHaveLength(14)
  for (const reason of REASON_ORDER) {
    expect(reasonLabel(reason)).toMatch(/[\u4e00-\u9fff]/)
    expect(reasonAdvice(reason)).not.toBe('')
  }
  expect([reasonLabel('new_one'), reasonLabel('new_one', '新原因'), refusalLabel('missing_columns')]).toEqual(['new_one', '新原因', '缺少必需的列'])
})

test('page_7: a feed that never ran has no lag', () => {
  expect([lagWords({ last_run: null, lag_seconds: 0 }), lagWords({ lag_seconds: null }), lagWords({ last_run: '2026-11-01T00:00:00+08:00', lag_seconds: 8 })]).toEqual(['尚未运行', '尚未运行', '8 秒'])
})

test('feeds_28: 合并 is what the sentence calls 合并; what a newer version replaced stands by itself', () => {
  const told = sumsOf([{ rows_in: 6, rows_stored: 3, duplicates_merged: 1, quarantined: { bad_time: 1 }, superseded: 1 }, undefined, { rows_in: 1, rows_stored: 1 }])
  expect(told.map((s) => `${s.title} ${s.value}`)).toEqual(['收到行数 7', '已入库 4', '合并重复 1', '被取代 1', '隔离 1', '拒收文件 0'])
})

test('counts', () => {
  expect([total({ a: 2, b: 3 }), total(undefined), kindLabel('csv'), kindLabel('soap')]).toEqual([5, 0, 'CSV 文件', 'SOAP'])
})
