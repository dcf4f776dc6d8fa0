import { expect, test } from 'vitest'
import { failedSheet, preview } from './importing'
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

test('page_11: before it is sent a file says which columns are not known and which are missing', () => {
  const told = preview(fields, required, readCsv('单位名称,备注,name,入驻生效时间,来源\n甲,x,y,z,w\n'))
  expect(told.headings.map((h) => [h.text, h.title, h.twice])).toEqual([['单位名称', '单位名称', false], ['备注', null, false], ['name', '单位名称', true], ['入驻生效时间', null, false], ['来源', null, false]])
  expect([told.missing, told.count]).toEqual([['统一社会信用代码'], 1])
})

test('page_11: what failed comes back as a file to mend, with the reason beside each row', () => {
  const table = readCsv('单位名称,统一社会信用代码\n甲,1\n"乙\n厂",2\n丙,3\n')
  const sheet = failedSheet(table, { accepted: 2, failed: [{ row: 3, errors: [{ field: 'credit_code', code: 'format', message: '应为 18 位' }, { field: '', code: 'x', message: '重复' }] }] })
  expect(sheet).toEqual([['单位名称', '统一社会信用代码', '行号', '未导入的原因'], ['乙\n厂', '2', '3', '应为 18 位；重复']])
  expect(writeCsv([['=1+1', '-5', '甲"乙', 'a,b']])).toBe('\ufeff\'=1+1,-5,"甲""乙","a,b"\r\n')
})
