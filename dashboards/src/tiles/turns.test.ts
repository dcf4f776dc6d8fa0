import { expect, test, vi } from 'vitest'
import { allTurns, inTurn } from './turns'

test('page_16: pictures are made one after the other, and given up ones never', async () => {
  const made: string[] = []
  inTurn(() => made.push('a'))
  inTurn(() => made.push('b'))()
  inTurn(() => made.push('c'))
  expect(made).toEqual([])
  await vi.waitFor(() => expect(made).toEqual(['a', 'c']))
})

test('page_15: paper does not wait', () => {
  const made: string[] = []
  inTurn(() => made.push('a'))
  inTurn(() => made.push('b'))
  allTurns()
  expect(made).toEqual(['a', 'b'])
})
