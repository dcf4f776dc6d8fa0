import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import type { Member } from '@/http/types'
import { colourOf, inkOn, sequential } from './palette'

const FOLDER = '../metrics/dimensions'
interface DimensionFile { member?: Member[] }
const files = readdirSync(FOLDER).map((name) => [name, parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as unknown as DimensionFile] as const)

test('members have the colour of their definition; strangers get a steady one', () => {
  const members = [{ code: 'a', title: '甲', colour: '#123456' }, { code: 'b', title: '乙' }]
  expect(colourOf(members, 'a')).toBe('#123456')
  expect(colourOf(members, 'b')).toBe(colourOf([], 'b'))
  expect(colourOf(members, 'new')).toMatch(/^#[0-9a-f]{6}$/)
})

test.each(files)('%s: no two members have one colour', (_, file) => {
  const colours = (file.member ?? []).flatMap((m) => m.colour ?? [])
  expect(new Set(colours).size).toBe(colours.length)
})

test('the lists are there', () => {
  expect(files.filter(([, file]) => (file.member ?? []).length > 1).length).toBeGreaterThanOrEqual(2)
})

test('map steps go from light to dark and names stay readable on each', () => {
  expect(sequential(7, false)).toHaveLength(7)
  expect(sequential(3, false)[0]).toBe('#e3edf8')
  expect(sequential(7, false).map(inkOn).map((c) => c === '#ffffff')).toEqual([false, false, false, false, false, true, true])
})
