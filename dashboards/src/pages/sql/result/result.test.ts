import { describe, expect, test } from 'vitest'
import { picture, propose } from './chart'
import { inSight, raw, rangeOf, shown, tsv, widths } from './grid'

const column = (name: string, type: string) => ({ name, title: name, type })

describe('grid', () => {
  test('cells', () => {
    expect(shown(1234567, column('笔数', 'integer'))).toBe('1,234,567')
    expect(shown(2026, column('年', 'integer'))).toBe('2026')
    expect(shown(310104, column('district_code', 'integer'))).toBe('310104')
    expect(shown('12345678901234567.89', column('sum', 'decimal'))).toBe('12,345,678,901,234,567.89')
    expect(shown('9007199254740993', column('大数', 'integer'))).toBe('9,007,199,254,740,993')
    expect(shown('2026-10-31T16:50:00+08:00', column('t', 'timestamp'))).toBe('2026-10-31 16:50:00')
    expect(shown('2026-10-31T16:50:00.120000+08:00', column('t', 'timestamp'))).toBe('2026-10-31 16:50:00.12')
    expect([shown(null, column('a', 'text')), shown(true, column('a', 'boolean')), shown({ a: 1 }, column('a', 'other'))]).toEqual(['—', '是', '{"a":1}'])
  })
  test('copying gives raw values, and no line end inside a cell', () => {
    const rows = [['a\tb\nc', 1], [null, '2.50']]
    expect(tsv(rows, rangeOf({ row: 1, col: 1 }, { row: 0, col: 0 }), [column('甲', 'text'), column('乙', 'decimal')])).toBe('甲\t乙\na b c\t1\n\t2.50')
    expect(tsv(rows, rangeOf({ row: 1, col: 1 }, { row: 1, col: 1 }))).toBe('2.50')
    expect(raw(undefined)).toBe('')
  })
  test('only rows in sight are drawn', () => {
    expect(inSight(0, 560, 28, 100_000)).toEqual({ first: 0, last: 32 })
    expect(inSight(1_400_000, 560, 28, 100_000)).toEqual({ first: 49_988, last: 50_032 })
    expect(inSight(2_800_000, 560, 28, 100_000)).toEqual({ first: 99_988, last: 100_000 })
    expect(inSight(500, 560, 28, 3)).toEqual({ first: 3, last: 3 })
  })
  test('widths follow the content within bounds', () => {
    const [narrow, wide] = widths([column('a', 'text'), column('b', 'text')], [['x', '很'.repeat(90)]], [])
    expect([narrow, wide]).toEqual([4, 24])
  })
})

describe('chart', () => {
  test('time is a line, names are bars, and without numbers there is nothing', () => {
    expect(propose([column('月', 'timestamp'), column('笔数', 'integer'), column('金额', 'decimal')])).toEqual({ kind: 'line', x: 0, y: [1] })
    expect(propose([column('笔数', 'integer'), column('区', 'text')])).toEqual({ kind: 'bar', x: 1, y: [0] })
    expect(propose([column('年', 'integer'), column('笔数', 'integer')])).toEqual({ kind: 'line', x: 0, y: [1] })
    expect(propose([column('区', 'text')])).toBeNull()
  })
  test('a pie sums up the small ones and says so; negatives are refused', () => {
    const columns = [column('区', 'text'), column('笔数', 'integer')]
    const rows = Array.from({ length: 10 }, (_, i) => [`区${i}`, i + 1])
    const p = picture(columns, rows, { kind: 'pie', x: 0, y: [1] })
    expect(p.labels).toEqual(['区9', '区8', '区7', '区6', '区5', '区4', '其他'])
    expect(p.series[0]?.values.at(-1)).toBe(10)
    expect(p.note).toContain('4 项合为“其他”')
    expect(picture(columns, [['a', -1]], { kind: 'pie', x: 0, y: [1] }).refusal).toContain('负数')
  })
  test('missing stays missing, and what is not drawn is said', () => {
    const columns = [column('区', 'text'), column('金额', 'decimal')]
    const p = picture(columns, [['a', null], ['b', '1.5']], { kind: 'bar', x: 0, y: [1] })
    expect(p.series[0]).toMatchObject({ values: [null, 1.5], exact: ['—', '1.5'] })
    expect(picture(columns, Array.from({ length: 61 }, () => ['a', 1]), { kind: 'bar', x: 0, y: [1] }).note).toBe('只画前 60 行，共 61 行')
  })
})
