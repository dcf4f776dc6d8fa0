import { expect, test } from 'vitest'
import { fileName } from './client'
import { backoff, SseParser } from './events'
import { problemFrom } from './problem'

test('events survive being cut anywhere', () => {
  const stream = ': hello\n\nevent: data\ndata: {"tick":1}\n\nevent: data\r\ndata: {"tick":2}\r\n\r\n'
  for (const size of [1, 3, 7, stream.length]) {
    const parser = new SseParser()
    const seen = []
    for (let i = 0; i < stream.length; i += size) seen.push(...parser.push(stream.slice(i, i + size)))
    expect(seen.map((m) => `${m.event} ${m.data}`)).toEqual(['data {"tick":1}', 'data {"tick":2}'])
  }
})

test('backoff grows to half a minute', () => {
  expect([0, 1, 2, 10].map(backoff)).toEqual([500, 1000, 2000, 30000])
})

test('problem+json', () => {
  const p = problemFrom(422, { code: 'validation', detail: '有 1 项填写有误', errors: [{ field: 'amount', code: 'required', message: '请填写实付金额' }] })
  expect([p.code, p.message, p.errors[0]?.field]).toEqual(['validation', '有 1 项填写有误', 'amount'])
  expect(problemFrom(409, { code: 'unique', field: 'txn_no', detail: '流水号已存在' }).errors).toEqual([
    { field: 'txn_no', code: 'unique', message: '流水号已存在' },
  ])
  expect(problemFrom(502, null).code).toBe('http_502')
})

test('file names of downloads', () => {
  expect(fileName("attachment; filename*=UTF-8''%E6%9C%88%E6%8A%A5.pdf")).toBe('月报.pdf')
  expect(fileName('attachment; filename="a b.csv"')).toBe('a b.csv')
  expect(fileName(null)).toBe(null)
})
