import { CompletionContext } from '@codemirror/autocomplete'
import { EditorState } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import type { CatalogTable } from '@/http/types'
import { catalogSource, mentioned, quoted, typeWord } from './editor/completion'
import { chosen, pieces, placeAt, placeOf } from './editor/statement'
import { explain } from './explain'
import { remembered, type Past } from './history'
import { took, versions } from './words'

const column = (name: string, title: string) => ({ name, title, type: 'text', treatment: 'clear', treatment_label: '原值' })
const tables: CatalogTable[] = [
  { name: 'benefit_transaction', title: '优待交易', kind: 'district', columns: [column('txn_no', '交易流水号'), column('amount', '实付金额'), column('district_code', '所属区')], examples: [] },
  { name: 'district', title: '区', kind: 'reference', columns: [column('code', '区划代码'), column('name', '名称')], examples: [] },
]

describe('completion', () => {
  const labels = (text: string): string[] => {
    const at = text.indexOf('|')
    const context = new CompletionContext(EditorState.create({ doc: text.replace('|', '') }), at, false)
    return (catalogSource(tables)(context)?.options ?? []).map((o) => `${o.label}>${String(o.apply)}`)
  }
  test('after an alias: the columns of its table, by name and by title', () => {
    expect(labels('select t.a| from benefit_transaction t')).toContain('amount>amount')
    expect(labels('select t.实| from benefit_transaction t')).toContain('实付金额>amount')
    expect(labels('select d.| from benefit_transaction t join district as d on true')).toEqual(['code>code', '区划代码>code', 'name>name', '名称>name'])
    expect(labels('select x.| from district d')).toEqual([])
  })
  test('without an alias: columns of the tables named, then tables', () => {
    const found = labels('select n| from district')
    expect(found).toContain('name>name')
    expect(found).toContain('benefit_transaction>benefit_transaction')
    expect(found).not.toContain('amount>amount')
    expect(labels('select * from b|').every((l) => /district|benefit_transaction/.test(l))).toBe(true)
  })
  test('aliases are no keywords; names are quoted only when they must be', () => {
    expect([...mentioned('select 1 from district where code = 1', tables).keys()]).toEqual(['district'])
    expect([...mentioned('select 1 from benefit_transaction t, district d', tables).keys()]).toEqual(['t', 'benefit_transaction', 'd', 'district'])
    expect([quoted('txn_no'), quoted('实付'), quoted('A"b')]).toEqual(['txn_no', '"实付"', '"A""b"'])
    expect([typeWord('decimal(12,2)'), typeWord('other')]).toEqual(['小数', 'other'])
  })
})

describe('which statement', () => {
  test('semicolons in texts and comments do not cut', () => {
    expect(pieces("select ';' ; -- a;b\n select 2 /* ; */;;").map((p) => p.text)).toEqual(["select ';'", '-- a;b\n select 2 /* ; */'])
  })
  test('the selection, else the one at the cursor', () => {
    const text = 'select 1;\n select 2'
    expect(chosen(text, 3, 3)).toEqual({ text: 'select 1', from: 0 })
    expect(chosen(text, 9, 9)).toEqual({ text: 'select 1', from: 0 })
    expect(chosen(text, 15, 15)).toEqual({ text: 'select 2', from: 11 })
    expect(chosen(text, 10, 17)).toEqual({ text: 'select', from: 11 })
    expect(chosen('  ', 0, 0)).toBeNull()
  })
  test('places', () => {
    expect(placeAt('select a,\n  bb from t', 2, 3)).toEqual({ from: 12, to: 14 })
    expect(placeAt('select 区 x', 1, 10)).toEqual({ from: 9, to: 10 })
    expect(placeAt('select', 4, 1)).toBeNull()
    expect(placeOf('select amount, am from t', 't.am')).toEqual({ from: 15, to: 17 })
    expect(placeOf('select 1', 'x')).toBeNull()
  })
})

test('errors: sentence, line, place', () => {
  const check = (detail: string, statement: string, message: RegExp, marked: string | null, line: number | null) => {
    const fault = explain(`查询不能执行：${detail}`, statement)
    expect(fault.message).toMatch(message)
    expect(fault.place ? statement.slice(fault.place.from, fault.place.to) : null).toBe(marked)
    expect(fault.line).toBe(line)
  }
  check('读到“form”时看不懂了，请检查此处及之前的拼写、逗号和括号（Expected: end of statement, found: form at Line: 1, Column: 10）', 'select * form district', /^读到“form”.*括号。$/, 'form', 1)
  check('没有列“d.nam”，可用的列有：name、code', 'select\n nam from district', /没有列“d.nam”，可用的列有：name、code。/, 'nam', 2)
  check("没有“nothing”这张表，可用的表见表目录（table 'pujiang.public.nothing' not found）", 'select 1 from nothing', /^没有“nothing”这张表，可用的表见表目录。$/, 'nothing', 1)
  check('语句没有写完，请补全后再运行（Expected: an expression, found: EOF）', 'select', /没有写完/, 't', 1)
  check('计算中出现除以零，可把分母写成 nullif(分母, 0)（Divide by zero error）', 'select 1/0', /nullif\(分母, 0\)。$/, null, null)
  expect(explain('查询不能执行：计算中出现除以零，可把分母写成 nullif(分母, 0)（Divide by zero error）', '').original).toBe('Divide by zero error')
  expect(explain('查询用时或用量超出限制，请缩小时间范围或先汇总。', 'select 1')).toEqual({ message: '查询用时或用量超出限制，请缩小时间范围或先汇总。', place: null, line: null, original: null })
})

test('history keeps one of each, newest first, at most fifty', () => {
  const past = (sql: string): Past => ({ sql, at: '', rows: 1, ms: 1, failed: null })
  expect(remembered([past('a'), past('b')], past('b')).map((p) => p.sql)).toEqual(['b', 'a'])
  expect(remembered(Array.from({ length: 50 }, (_, i) => past(String(i))), past('x'))).toHaveLength(50)
})

test('words', () => {
  expect([took(0.2), took(38.4), took(2440)]).toEqual(['1 毫秒', '38 毫秒', '2.4 秒'])
  expect(versions('benefit_transaction@12,x@1', new Map([['benefit_transaction', '优待交易']]))).toBe('优待交易@12、x@1')
  expect(versions('', new Map())).toBe('不涉及数据表')
})
