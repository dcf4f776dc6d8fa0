import { expect, test } from 'vitest'
import { whenReachable } from './scroll'

/** A page that is `heights[n]` high in frame n, and what happens to it meanwhile. */
function sheet(heights: number[], after: { left?: number; scrolled?: number } = {}) {
  let frame = 0
  return {
    reach: () => heights[Math.min(frame, heights.length - 1)] ?? 0,
    at: () => (frame >= (after.scrolled ?? Infinity) ? 40 : 0),
    same: () => frame < (after.left ?? Infinity),
    pause: async () => { frame++ },
    frames: () => frame,
  }
}
const place = { left: 0, top: 900 }

test('place_28: going back waits until the page is long enough again', async () => {
  const growing = sheet([0, 0, 300, 1200])
  expect(await whenReachable(place, growing)).toEqual(place)
  expect(growing.frames()).toBe(3)
  const long = sheet([2000])
  expect([await whenReachable(place, long), long.frames()]).toEqual([place, 0])
  // A page that has become shorter is shown as far down as it goes.
  expect(await whenReachable(place, sheet([500]))).toEqual(place)
})

test('place_28: who scrolls or leaves meanwhile is not pulled back', async () => {
  expect(await whenReachable(place, sheet([0], { scrolled: 2 }))).toBe(false)
  expect(await whenReachable(place, sheet([0], { left: 2 }))).toBe(false)
})
