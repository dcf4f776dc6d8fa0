import { expect, test } from 'vitest'
import { byScope, fileCount, runId, runState, scheduleWords } from './runs'

test('runs', () => {
  expect([runId({ run: 'a' }), runId({ id: 'b' }), runId({ run_id: 'c' })]).toEqual(['a', 'b', 'c'])
  expect([runState({ state: 'done' }).label, runState({ state: 'running' }).done, runState({ state: 'failed' }).tone]).toEqual(['已完成', false, 'red'])
  expect([fileCount({ files: 34 }), fileCount({ files: [{ name: 'x' }] }), fileCount({})]).toEqual([34, 1, null])
})

test('files by scope, city first', () => {
  const groups = byScope([
    { name: '社会优待月报_2026-10_徐汇区.xlsx' }, { name: '社会优待月报_2026-10_徐汇区.pdf' }, { name: '社会优待月报_2026-10_全市.pdf' },
  ])
  expect(groups.map((g) => [g.scope, g.files.map((f) => f.name.split('.').at(-1))])).toEqual([['全市', ['pdf']], ['徐汇区', ['pdf', 'xlsx']]])
})

test('schedules in words', () => {
  expect(scheduleWords({ schedule: '0 0 8 1 * *' })).toBe('每月 1 日 08:00 自动生成')
  expect(scheduleWords({ schedule: '0 30 6 * * *' })).toBe('每天 06:30 自动生成')
  expect(scheduleWords({ schedule: '0 0 8 * * 1' })).toBe('每周一 08:00 自动生成')
  expect(scheduleWords({ schedule: '0 0 8 1 */3 *' })).toBe('0 0 8 1 */3 *')
  expect(scheduleWords({})).toBe('按需生成')
})
