import { describe, expect, test } from 'vitest'
import { axisText, bytes, change, exactText, figure, short, type Cell } from './figures'

describe('figure', () => {
  const check = (value: Cell, type: string, unit: string, shown: string, exact: string) => {
    const f = figure(value, type, unit)
    expect(`${f.text}${f.scale}${f.unit}`).toBe(shown)
    expect(f.exact).toBe(exact)
  }
  test('scales, separators and units', () => {
    check(9999, 'integer', '笔', '9,999笔', '9,999 笔')
    check(10000, 'integer', '笔', '1.00万笔', '10,000 笔')
    check(12345678, 'integer', '笔', '1,234.57万笔', '12,345,678 笔')
    check(100000000, 'integer', '元', '1.00亿元', '100,000,000 元')
    check('417661.91', 'decimal', '元', '41.77万元', '417,661.91 元')
    check('0.50', 'decimal', '元', '0.50元', '0.50 元')
    check('-12.30', 'decimal', '元', '-12.30元', '-12.30 元')
    check('1.005', 'decimal', '元', '1.01元', '1.005 元')
    check('-2.675', 'decimal', '元', '-2.68元', '-2.675 元')
    check(104350, 'integer', '笔', '10.44万笔', '104,350 笔')
    check('93.21', 'percent', '%', '93.21%', '93.21%')
    check(0, 'integer', '笔', '0笔', '0 笔')
  })
  test('missing is a dash, never zero', () => {
    check(null, 'integer', '笔', '—笔', '没有数据')
    check('', 'decimal', '元', '—元', '没有数据')
    expect(short(undefined, 'percent')).toBe('—')
  })
  test('exact money keeps every digit', () => {
    expect(exactText('12345678901234567.89')).toBe('12,345,678,901,234,567.89')
  })
})

test('change: arrow is direction, tone is good or bad', () => {
  expect(change(0.0312, 'up')).toMatchObject({ text: '3.1%', arrow: '▲', tone: 'good' })
  expect(change(-0.05, 'up')).toMatchObject({ text: '5.0%', arrow: '▼', tone: 'bad' })
  expect(change(-0.05, 'down')).toMatchObject({ arrow: '▼', tone: 'good' })
  expect(change(0.05, 'lower_is_better')).toMatchObject({ arrow: '▲', tone: 'bad' })
  expect(change(0.05, null)).toMatchObject({ tone: 'flat' })
  expect([0.0625, 0.3125, 0.5795, 1e-7, 12.3456].map((n) => change(n, 'up').text)).toEqual(['6.3%', '31.3%', '58.0%', '持平', '1,234.6%'])
  expect(change(-0.286, 'up')).toMatchObject({ text: '28.6%', arrow: '▼' })
  expect(change('1.295', 'up', { unit: '百分点' })).toMatchObject({ text: '1.30 百分点', arrow: '▲' })
  expect(change(0.0001, 'up')).toMatchObject({ text: '持平', arrow: '', tone: 'flat' })
  expect(change(null, 'up')).toMatchObject({ text: '—', arrow: '' })
})

test('axis and file sizes', () => {
  expect(axisText(120000)).toBe('12万')
  expect(axisText(150000000)).toBe('1.5亿')
  expect(axisText(800)).toBe('800')
  expect(bytes(2_500_000)).toBe('2.4 MB')
})
