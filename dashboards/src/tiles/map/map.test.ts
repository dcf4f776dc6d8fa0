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
  expect(classes.map((c) => c.label)).toEqual(['＜ 2万', '2万–4万', '≥ 4万'])
})

test('no class is empty', () => {
  const values = [597, 630, 647, 705, 813, 1022, 1079, 1150, 1167, 1199, 1743, 1977, 2174, 2256, 2833, 6591]
  const classes = classesOf(values)
  expect(new Set(values.map((v) => classIndex(v, classes))).size).toBe(classes.length)
  expect(classesOf([5, 5, 5, 9, 9, 9])).toHaveLength(2)
})

test('one value, one class; no values, no classes', () => {
  expect(classesOf([5]).map((c) => c.label)).toEqual(['5'])
  expect(classesOf([7, 7, 7])).toHaveLength(1)
  expect(classesOf([])).toEqual([])
})
