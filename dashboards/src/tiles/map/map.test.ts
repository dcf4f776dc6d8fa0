import { expect, test } from 'vitest'
import { classesOf, classIndex } from './classes'

test('at most seven classes, every value in one of them', () => {
  for (const n of [2, 3, 5, 16, 40]) {
    const values = Array.from({ length: n }, (_, i) => 1000 + i * i * 137)
    const classes = classesOf(values, 9)
    expect(classes.length).toBeLessThanOrEqual(7)
    for (const v of values) {
      const c = classes[classIndex(v, classes)]
      expect(c && (v >= c.from || classIndex(v, classes) === 0) && v <= c.to).toBeTruthy()
    }
  }
})

test('breaks are round and written in the legend', () => {
  const classes = classesOf([8123, 12345, 23456, 34567, 45678, 99999], 3)
  expect(classes.map((c) => c.label)).toEqual(['＜ 2.3万', '2.3万–4.6万', '≥ 4.6万'])
})

test('one value, one class; no values, no classes', () => {
  expect(classesOf([5]).map((c) => c.label)).toEqual(['5'])
  expect(classesOf([7, 7, 7])).toHaveLength(1)
  expect(classesOf([])).toEqual([])
})
