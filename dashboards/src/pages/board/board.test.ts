import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import type { LocationQuery } from 'vue-router'
import type { BoardDef, Dimension, TileDef } from '@/http/types'
import { checkTile, type TileSchema } from '@/tiles/kind'
import { choices, filterKey, misread, offered, question, readFilters, withChildren, writeFilters } from './filters'

const now = new Date('2026-11-22T02:00:00Z')

test('filters: default is the last complete month, nonsense is ignored', () => {
  expect(readFilters({}, now)).toEqual({ period: '2026-10', members: {}, map: null })
  expect(readFilters({ period: '2026-9', district: 'x', category: '文旅' }, now)).toEqual({ period: '2026-10', members: { category: '文旅' }, map: null })
  expect(writeFilters({ wall: '1', period: '2026-08' }, { members: { district: '310104' } }, now)).toEqual({ wall: '1', period: '2026-08', district: '310104' })
  expect(writeFilters({ district: '310104', category: '文旅', map: 'S1-B05' }, { members: { category: null } }, now)).toEqual({ district: '310104', map: 'S1-B05' })
  expect(writeFilters({ period: '2026-08' }, { period: '2026-10' }, now)).toEqual({})
})

test('address_28: what the address asks for and the board does not show is told, and the address corrected', () => {
  const query = { period: '2099-99', district: '999999', wall: '1' }
  expect(misread(query, now)).toBe('网址有误：月份“2099-99”无法识别，显示的是2026年10月；没有代码为“999999”的区，显示的是全部范围。')
  expect(writeFilters(query, {}, now)).toEqual({ wall: '1' })
  expect(misread({ period: '2099-01' }, now)).toBe('网址有误：2099年1月还没有到，显示的是2026年10月。')
  // 310199 looks like a district of Shanghai and is none.
  expect(readFilters({ period: '2099-01', district: '310199' }, now)).toEqual({ period: '2026-10', members: {}, map: null })
  const fine: LocationQuery[] = [{}, { period: '2026-10' }, { period: '2026-11', district: '310104', category: '文旅' }]
  expect(fine.map((q) => misread(q, now))).toEqual(['', '', ''])
})

test('another map indicator is the same picture', () => {
  const a = readFilters({ map: 'S1-U03' }, now)
  const b = readFilters({ map: 'S1-B05' }, now)
  expect(filterKey(a)).toBe(filterKey(b))
  expect(filterKey(a)).not.toBe(filterKey(readFilters({ category: '文旅' }, now)))
})

const district: Dimension = { id: 'district', title: '区', all: '全部区', members: [] }
const street: Dimension = {
  id: 'street', title: '街镇', all: '全部街镇', parent: 'district',
  members: [{ code: '310104003', title: '天平路', parent: '310104' }, { code: '310105001', title: '华阳路', parent: '310105' }, { code: '310104999', title: '旧街', parent: '310104', hidden: true }],
}

test('any dimension the board has a filter of can be chosen, and no other', () => {
  const board = { id: 'b', title: '', tiles: [], filters: [{ id: 'a', kind: 'dimension', dimension: 'street', title: '街镇' }] } satisfies BoardDef
  const chosen = offered(readFilters({ street: '310104003', from: 'mail', district: '310104' }, now), board)
  expect(question(chosen)).toEqual({ period: '2026-10', map_indicator: null, street: '310104003' })
  expect(offered(readFilters({ street: 'x' }, now), null).members).toEqual({})
})

test('what lies within the chosen member above is offered, and falls with it', () => {
  const codes = (chosen: Record<string, string>, open: string[]) => choices(street, chosen, (d) => open.includes(d)).map((m) => m.code)
  expect(codes({ district: '310104' }, ['310104', '310105'])).toEqual(['310104003'])
  expect(codes({}, ['310104', '310105'])).toEqual(['310104003', '310105001'])
  expect(codes({}, ['310105'])).toEqual(['310105001'])
  expect(withChildren({ district: '310105' }, [street, district])).toEqual({ district: '310105', street: null })
  expect(withChildren({ street: '310104003' }, [street, district])).toEqual({ street: '310104003' })
})

interface BoardFile { format: number; title: string; description: string; filter: { id: string; kind: string; dimension?: string }[]; tile: TileDef[] }
const schemas = Object.values(import.meta.glob<{ schema: TileSchema }>('../../tiles/*/schema.ts', { eager: true })).map((m) => m.schema)

describe.each(readdirSync('boards').filter((f) => f.endsWith('.toml')))('boards/%s', (file) => {
  const board = parse(readFileSync(`boards/${file}`, 'utf8')) as unknown as BoardFile
  test('says what it is, ids are unique', () => {
    expect(board.format).toBe(1)
    expect(board.title && board.description).toBeTruthy()
    const ids = board.tile.map((t) => t.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(board.filter.every((f) => f.kind === 'period' || existsSync(`../metrics/dimensions/${f.dimension}.toml`))).toBe(true)
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
