import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { classesOf, classIndex } from './classes'
import { around, CENTRAL, shapeOf } from './geography'
import { fit, frames, label } from './layout'

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
  expect(classesOf([8123, 8345, 23456, 24567, 45678, 46999], 3).map((c) => c.label)).toEqual(['＜ 2万', '2万–4万', '≥ 4万'])
})

test('page_12: values far apart are never of one class, however many districts there are', () => {
  const values = [5970, 6300, 6470, 7050, 8130, 10220, 10790, 11500, 11670, 11990, 17430, 19770, 21740, 22560, 22900, 66900]
  const classes = classesOf(values)
  expect(classIndex(66900, classes)).toBeGreaterThan(classIndex(22900, classes))
  expect(new Set(values.map((v) => classIndex(v, classes))).size).toBe(classes.length)
})

test('page_12: rates that lie close together still tell districts apart', () => {
  const rates = [91.2, 92.04, 92.5, 93.1, 93.3, 93.9, 94.2, 94.6, 95.0, 95.0, 95.3, 95.8, 96.1, 96.4, 97.0, 98.2]
  expect(classesOf(rates, 6, '%').length).toBeGreaterThanOrEqual(4)
  expect(classesOf([100, 100, 100, 100, 97, 97, 93, 93, 88, 81]).length).toBeGreaterThanOrEqual(4)
})

test('no class is empty; equal values stay together', () => {
  expect(classesOf([5, 5, 5, 9, 9, 9])).toHaveLength(2)
  expect(classesOf([5]).map((c) => c.label)).toEqual(['5'])
  expect(classesOf([7, 7, 7])).toHaveLength(1)
  expect(classesOf([])).toEqual([])
})

describe('the two maps', () => {
  const shapes = (JSON.parse(readFileSync('public/shanghai_districts.geojson', 'utf8')) as { features: Parameters<typeof shapeOf>[0][] }).features.map(shapeOf)
  const centre = shapes.filter((s) => CENTRAL.has(s.code))

  test('sixteen outlines, each with room for a name inside', () => {
    expect(shapes).toHaveLength(16)
    for (const s of shapes) expect(s.spot.room > 0 && s.spot.x > s.bounds.left && s.spot.x < s.bounds.right, s.name).toBe(true)
  })

  test.each([[640, 340], [960, 520], [358, 460]])('page_12: at %i×%i no name leaves its district, and each of the centre has one', (width, height) => {
    const boxes = frames(width, height, 12)
    for (const [members, frame] of [[shapes, boxes.city], [centre, boxes.centre]] as const) {
      const at = fit(around([...members]), frame, 4)
      const all = around([...members])
      for (const [edge, low, high] of [[all.left * at.k + at.dx, frame.x, frame.x + frame.w], [all.bottom * at.k + at.dy, frame.y, frame.y + frame.h]] as const) {
        expect(edge).toBeGreaterThanOrEqual(low - 0.5)
        expect(edge).toBeLessThanOrEqual(high + 0.5)
      }
    }
    const at = fit(around(centre), boxes.centre, 4)
    for (const s of centre) expect(label(s, at, s.name.replace(/区$/, ''), '2.29万', 12).length, `${s.name} ${s.spot.room * at.k}`).toBeGreaterThan(0)
  })

  test('a name that does not fit is left to the tooltip', () => {
    const tiny = { k: 0.01, dx: 0, dy: 0 }
    expect(label(shapes[0]!, tiny, '黄浦', '2.29万', 12)).toEqual([])
  })
})
