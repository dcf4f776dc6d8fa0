import { expect, test } from 'vitest'
import type { FieldDef, ResourceDef } from '@/http/types'
import { blank, changed, fromItem, mistakes, outgoing } from './draft'
import { plainNumber } from './number'
import { controlOf, formGroups, nothingHere, ONLY_ENTERED, recordTitle, shown, stateTone } from './fields'
import { nextSort, PAGE_SIZE, readList, toApi, writeList } from './query'

const fields: FieldDef[] = [
  { name: 'txn_no', title: '交易流水号', type: 'text', required: true, help: '留空则自动生成' },
  { name: 'merchant_id', title: '提供单位', type: 'ref', ref: 'merchant_profile', required: true },
  { name: 'card_no', title: '优待证号', type: 'text', required: true, visibility: 'personal' },
  { name: 'district_code', title: '区', type: 'text', required: true },
  { name: 'mode', title: '方式', type: 'enum', enum: ['电子证', '主扫'], default: '电子证' },
  { name: 'amount', title: '实付金额', type: 'money', required: true },
  { name: 'pay_time', title: '交易时间', type: 'timestamp', default: 'now' },
  { name: 'risk', title: '可疑', type: 'bool' },
]
const def: ResourceDef = { id: 'x', title: 'X', fields, states: [{ code: 'reversed', label: '已冲正' }] }
const item = { id: '0192-aaaa-bbbb', row_version: 3, state: 'reversed', merchant_id: 'm1', labels: { merchant_id: '豫园书店' }, card_no: '3100****3510', district_code: '310104', mode: '主扫', amount: '1280.50', pay_time: '2026-11-21T09:30:00+08:00', risk: false }

test('controls follow the type', () => {
  expect(fields.map(controlOf)).toEqual(['text', 'ref', 'text', 'district', 'choice', 'money', 'time', 'flag'])
})

test('values in words', () => {
  expect(fields.map((f) => shown(f, item))).toEqual(['—', '豫园书店', '3100****3510', '徐汇区', '主扫', '1,280.50', '2026-11-21 09:30', '否'])
  expect([stateTone(def, 'reversed'), recordTitle({ ...def, display: 'merchant_id' }, item), recordTitle(def, { id: 'i' })]).toEqual(['red', '豫园书店', 'i'])
  expect(formGroups(fields).map((g) => g.title)).toEqual(['基本信息', '自动填写（可改）', '补充信息'])
})

test('list_28: an empty list says that partners deliver such records elsewhere', () => {
  const shared = { ...def, partner_records: true }
  expect([true, false].map((filtered) => nothingHere(shared, filtered).endsWith(ONLY_ENTERED))).toEqual([true, true])
  expect([nothingHere(def, true), nothingHere({ ...def, can: { create: true } }, false)]).toEqual(['请放宽查找词或筛选条件。', '可点右上角“新增”录入第一条。'])
})

test('a new record: defaults, what is missing, what is sent', () => {
  const typed = blank(fields, '310104')
  expect([typed.mode, typed.district_code, typed.pay_time, typed.risk]).toEqual(['电子证', '310104', '', false])
  expect(mistakes(fields, typed, null)).toEqual({ merchant_id: '请选择提供单位', card_no: '请填写优待证号', amount: '请填写实付金额' })
  Object.assign(typed, { merchant_id: 'm1', card_no: '3100123412341234', amount: '1,280.5元', pay_time: '2026-11-21 09:30' })
  expect(mistakes(fields, typed, null)).toEqual({})
  expect(outgoing(fields, typed, null)).toEqual({
    merchant_id: 'm1', card_no: '3100123412341234', district_code: '310104', mode: '电子证', amount: '1280.5', pay_time: '2026-11-21T09:30:00+08:00', risk: false,
  })
  expect(mistakes(fields, { ...typed, amount: '12.345' }, null).amount).toContain('两位小数')
})

test('right_answer_18: what can be read in two ways is no number', () => {
  const amount = (text: string) => mistakes(fields, { ...blank(fields, '310104'), merchant_id: 'm1', card_no: '3100123412341234', amount: text }, null).amount
  for (const text of ['12,50', '1,2', ',5', '1,23,4', '12，50', '0,123', '1,234，567']) expect([text, amount(text)]).toEqual([text, expect.stringContaining('逗号会有歧义')])
  for (const text of ['1,234.50', '12.5', '１２．５０', '￥12', '12 元']) expect([text, amount(text)]).toEqual([text, undefined])
  expect([plainNumber('1,234,567.8'), plainNumber('12,50'), plainNumber('1e2')]).toEqual(['1234567.8', null, null])
})

test('an old record: only changes are sent, masked values stay', () => {
  const original = fromItem(fields, item)
  expect([original.card_no, original.pay_time]).toEqual(['', '2026-11-21 09:30:00'])
  const typed = { ...original }
  expect([changed(typed, original), mistakes(fields, { ...typed }, original)]).toEqual([false, {}])
  typed.mode = ''
  expect(outgoing(fields, typed, original)).toEqual({ mode: null })
})

test('page_9: a link to page 2 says which rows it shows', () => {
  const list = readList({ after: 'abc', page: '2' })
  expect([list.page, (list.page - 1) * PAGE_SIZE + 1]).toEqual([2, 51])
  expect(writeList({ ...list, page: 7 })).toEqual({ after: 'abc', page: '7' })
  // A page without its place is the first; a place without its page is some later one.
  expect([readList({ page: '9' }).page, readList({ after: 'abc' }).page, readList({ after: 'abc', page: '-3' }).page, writeList(readList({ page: '9' }))]).toEqual([1, 2, 2, {}])
})

test('filters, sort and page live in the address', () => {
  const list = readList({ q: '书店', 'filter[state]': 'active', 'filter[pay_time][gte]': '2026-10-01', sort: '-pay_time', junk: '1' })
  expect(list).toEqual({ q: '书店', sort: '-pay_time', after: '', page: 1, filters: { state: 'active', 'pay_time.gte': '2026-10-01' } })
  expect(readList(writeList(list) as never)).toEqual(list)
  const api = toApi({ ...list, filters: { ...list.filters, 'pay_time.lte': '2026-10-31' } }, new Set(['pay_time']))
  expect(api.get('filter[pay_time][gte]')).toBe('2026-10-01T00:00:00+08:00')
  expect(api.get('filter[pay_time][lte]')).toBe('2026-10-31T23:59:59+08:00')
  expect(['', '-a', 'a'].map((s) => nextSort(s, 'a', true))).toEqual(['-a', 'a', ''])
})
