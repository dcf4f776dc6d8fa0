import { expect, test } from 'vitest'
import { colourOf, inkOn, membersOf, sequential } from './palette'

test('members keep their colour; strangers get a steady one', () => {
  expect(membersOf('category')).toHaveLength(8)
  expect(new Set(membersOf('category').map((c) => colourOf('category', c))).size).toBe(8)
  expect(colourOf('category', '新类别')).toBe(colourOf('category', '新类别'))
})

test('map steps go from light to dark and names stay readable on each', () => {
  expect(sequential(7, false)).toHaveLength(7)
  expect(sequential(3, false)[0]).toBe('#e3edf8')
  expect(sequential(7, false).map(inkOn).map((c) => c === '#ffffff')).toEqual([false, false, false, false, false, true, true])
})
