import { expect, test } from 'vitest'
import type { ResourceDef } from '@/http/types'
import { failedSheet, fillingHints, headOf, preview } from './importing'
import { decode, readCsv, writeCsv } from './sheet'

const fields = [
  { name: 'name', title: '单位名称', type: 'text', required: true }, { name: 'credit_code', title: '统一社会信用代码', type: 'text', required: true },
  { name: 'activated_at', title: '入驻生效时间', type: 'timestamp', readonly: true }, { name: 'source', title: '来源', type: 'text', writable: false },
]
const required = (f: { required?: boolean }): boolean => f.required === true

test('page_11: a file is read as spreadsheet programs write it', () => {
  expect(readCsv('\ufeff单位名称,地址\r\n"甲,乙","一行\n二行"\r\n\r\n丙,"说""好"""\r').map((r) => [r.line, ...r.cells])).toEqual([[1, '单位名称', '地址'], [2, '甲,乙', '一行\n二行'], [5, '丙', '说"好"']])
  expect(readCsv('a\nb\nc', 2)).toHaveLength(2)
  expect(readCsv('')).toEqual([])
  expect(decode(new Uint8Array([0xb5, 0xa5, 0xce, 0xbb]).buffer)).toEqual({ text: '单位', converted: true })
})

test('import_28: the file is shown as the server reads it: an open quote ends with its line', () => {
  const shown = readCsv('单位名称,地址\n"甲,一\n乙,二\n"丙","三\n四"\n"丁"x,五\n').map((r) => [r.line, ...r.cells])
  expect(shown).toEqual([[1, '单位名称', '地址'], [2, '"甲', '一'], [3, '乙', '二'], [4, '丙', '三\n四'], [6, '"丁"x', '五']])
})

test('import_28: a column that leads to another record says by which number or name', () => {
  const of = (display: string, ...all: [name: string, title: string, more?: object][]): ResourceDef => ({ id: 'x', title: 'X', display, fields: all.map(([name, title, more]) => ({ name, title, type: 'text', ...more })) })
  const targets: Record<string, ResourceDef> = {
    unit: of('name', ['name', '单位名称'], ['credit_code', '统一社会信用代码', { unique: true }]),
    holder: of('person_id', ['person_id', '自然人', { unique: true, ref: 'person' }]),
    person: of('full_name', ['full_name', '姓名'], ['id_no', '身份证号', { unique: true }]),
  }
  const columns = [{ name: 'unit_id', title: '提供单位', type: 'ref', ref: 'unit' }, { name: 'holder_id', title: '持证对象', type: 'ref', ref: 'holder' }, { name: 'org', title: '机构', type: 'ref', ref: 'unseen' }, { name: 'own', title: '人', type: 'ref', ref: 'person', readonly: true }]
  expect(fillingHints(columns, (id) => targets[id])).toEqual(['“提供单位”填统一社会信用代码或单位名称全称', '“持证对象”填身份证号或姓名全称'])
})

test('page_11: before it is sent a file says which columns are not known and which are missing', () => {
  const told = preview(fields, required, readCsv('单位名称,备注,name,入驻生效时间,来源\n甲,x,y,z,w\n'))
  expect(told.headings.map((h) => [h.text, h.title, h.twice])).toEqual([['单位名称', '单位名称', false], ['备注', null, false], ['name', '单位名称', true], ['入驻生效时间', null, false], ['来源', null, false]])
  expect([told.missing, told.rows]).toEqual([['统一社会信用代码'], [['甲', 'x', 'y', 'z', 'w']]])
})

test('page_11: what failed comes back as a file to mend, with the reason beside each row', () => {
  const head = headOf(readCsv('单位名称,统一社会信用代码,,\n甲,1\n'))
  const sheet = failedSheet(head, { rows: 4, accepted: 2, failed: [
    { row: 3, cells: ['乙\n厂', '2'], errors: [{ field: 'credit_code', code: 'format', message: '应为 18 位' }, { field: '', code: 'x', message: '重复' }] },
    { row: 7, cells: ['丙', '3', '多'], errors: [{ field: '', code: 'wrong_column_count', message: '列数不对' }] },
  ] })
  expect(sheet).toEqual([
    ['单位名称', '统一社会信用代码', '', '在原文件第几行', '未导入的原因'],
    ['乙\n厂', '2', '', '3', '应为 18 位；重复'], ['丙', '3', '多', '7', '列数不对'],
  ])
  expect(writeCsv([['=1+1', '-5', '甲"乙', 'a,b']])).toBe('\ufeff\'=1+1,-5,"甲""乙","a,b"\r\n')
})
