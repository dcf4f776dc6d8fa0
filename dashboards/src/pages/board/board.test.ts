import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import type { LocationQuery } from 'vue-router'
import type { TileDef } from '@/http/types'
import { checkTile, type TileSchema } from '@/tiles/kind'
import { filterKey, misread, question, readFilters, writeFilters } from './filters'

const now = new Date('2026-11-22T02:00:00Z')

test('filters: default is the last complete month, nonsense is ignored', () => {
  expect(readFilters({}, now)).toEqual({ period: '2026-10', district: null, category: null, map: null })
  expect(readFilters({ period: '2026-9', district: 'x', category: '文旅' }, now)).toMatchObject({ period: '2026-10', district: null, category: '文旅' })
  expect(writeFilters({ wall: '1', period: '2026-08' }, { district: '310104' }, now)).toEqual({ wall: '1', period: '2026-08', district: '310104' })
  expect(writeFilters({ period: '2026-08' }, { period: '2026-10' }, now)).toEqual({})
})

test('address_28: what the address asks for and the board does not show is told, and the address corrected', () => {
  const query = { period: '2099-99', district: '999999', wall: '1' }
  expect(misread(query, now)).toBe('网址有误：月份“2099-99”无法识别，显示的是2026年10月；没有代码为“999999”的区，显示的是全部范围。')
  expect(writeFilters(query, {}, now)).toEqual({ wall: '1' })
  expect(misread({ period: '2099-01' }, now)).toBe('网址有误：2099年1月还没有到，显示的是2026年10月。')
  // 310199 looks like a district of Shanghai and is none.
  expect(readFilters({ period: '2099-01', district: '310199' }, now)).toMatchObject({ period: '2026-10', district: null })
  const fine: LocationQuery[] = [{}, { period: '2026-10' }, { period: '2026-11', district: '310104', category: '文旅' }]
  expect(fine.map((q) => misread(q, now))).toEqual(['', '', ''])
})

test('another map indicator is the same picture', () => {
  const a = question(readFilters({ map: 'S1-U03' }, now))
  const b = question(readFilters({ map: 'S1-B05' }, now))
  expect(filterKey(a)).toBe(filterKey(b))
})

interface BoardFile { format: number; title: string; description: string; filter: { id: string; kind: string }[]; tile: TileDef[] }
const schemas = Object.values(import.meta.glob<{ schema: TileSchema }>('../../tiles/*/schema.ts', { eager: true })).map((m) => m.schema)

describe.each(readdirSync('boards').filter((f) => f.endsWith('.toml')))('boards/%s', (file) => {
  const board = parse(readFileSync(`boards/${file}`, 'utf8')) as unknown as BoardFile
  test('says what it is, ids are unique', () => {
    expect(board.format).toBe(1)
    expect(board.title && board.description).toBeTruthy()
    const ids = board.tile.map((t) => t.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(board.filter.every((f) => ['period', 'district', 'category'].includes(f.kind))).toBe(true)
  })
  test('every tile is of a known kind and uses only what the kind reads', () => {
    const wrong = board.tile.flatMap((tile) => {
      const schema = schemas.find((s) => s.kind === tile.kind)
      return schema ? checkTile(tile, schema) : [`${tile.id}: kind: "${tile.kind}" does not exist`]
    })
    expect(wrong).toEqual([])
  })
  test('the rows of the desk layout are full', () => {
    let used = 0
    for (const tile of board.tile) {
      used += tile.span ?? 12
      expect(used, `${tile.id} breaks the row of twelve`).toBeLessThanOrEqual(12)
      if (used === 12) used = 0
    }
    expect(used).toBe(0)
  })
})

test('a tile with a wrong attribute is refused', () => {
  const figure = schemas.find((s) => s.kind === 'figure')
  expect(figure && checkTile({ id: 'x', kind: 'figure', title: '', indicators: [], dimension: 'district', compare: ['rank'], span: 1 }, figure)).toEqual([
    'x (figure): indicators: name 1 to 1, found 0',
    'x (figure): dimension: this kind does not read it, remove it',
    'x (figure): grain: is required',
    'x (figure): periods: is required',
    'x (figure): compare: "rank" is not shown by this kind; one of yoy, mom, cumulative',
    'x (figure): span: between 2 and 12',
  ])
})
