import { expect, test } from 'vitest'
import { versionCode } from './version'

test('version_28: two states of the data have two codes, even where the table versions add up to the same', () => {
  expect(versionCode('benefit_transaction@12,state_event@8')).toMatch(/^[0-9a-f]{6}$/)
  expect(versionCode('benefit_transaction@12,state_event@8')).toBe(versionCode('benefit_transaction@12,state_event@8'))
  const sums = Array.from({ length: 500 }, (_, i) => versionCode(`benefit_transaction@${i},state_event@${500 - i}`))
  expect(new Set(sums).size).toBe(500)
})
