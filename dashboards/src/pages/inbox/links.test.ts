import { expect, test } from 'vitest'
import { linkTarget } from './links'

test('files go through the token, pages through the router', () => {
  expect(linkTarget('/api/v1/reports/a/runs/b/files/c.pdf')).toEqual({ kind: 'file', path: '/reports/a/runs/b/files/c.pdf' })
  expect(linkTarget('/boards/benefit?period=2026-10')).toEqual({ kind: 'page', path: '/boards/benefit?period=2026-10' })
  expect(linkTarget('https://other.example/api/v1/x')).toEqual({ kind: 'file', path: '/x' })
})
