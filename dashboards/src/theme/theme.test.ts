import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inks, luminance } from './palette'

// What has to be readable on what; the tokens themselves are read, so a lighter grey turns this red.
const css = readFileSync('src/theme/tokens.css', 'utf8')
function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector))
  return Object.fromEntries([...block.slice(0, block.indexOf('}')).matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1] ?? '', m[2] ?? '']))
}
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}
const GROUNDS = ['bg', 'surface', 'surface-2', 'line-soft', 'accent-soft']
const PAIRS: [string, string[]][] = [
  ['text-3', GROUNDS], ['text-2', GROUNDS], ['accent', GROUNDS], ['accent-2', GROUNDS],
  ['good', ['surface', 'surface-2', 'good-soft', 'accent-soft']], ['bad', ['surface', 'surface-2', 'bad-soft', 'accent-soft']], ['danger', ['surface', 'danger-soft']],
]

describe.each([[':root {', false], [':root.wall', true]] as const)('page_14: contrast of %s', (selector, dark) => {
  const t = tokens(selector)
  test.each(PAIRS)('%s is at least 4.5 on every ground it is used on', (ink, grounds) => {
    for (const ground of grounds) expect(contrast(t[ink] ?? '#000000', t[ground] ?? '#000000'), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })
  test('charts use the same inks', () => {
    expect([inks(dark).text3, inks(dark).text2, inks(dark).text]).toEqual([t['text-3'], t['text-2'], t.text])
  })
})

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? sources(path) : /\.(vue|css|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

test('page_14: no text smaller than 12 px', () => {
  const small = sources('src').flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/font(?:-size|Size)?:\s*(?:[\d\s]*\s)?['"]?(0?\.\d+)rem|font(?:-size|Size)?:\s*['"]?(\d+)(?:px|\b(?!\.?\d*(?:rem|em)))/g)].flatMap((m) => {
    const px = m[1] ? Number(m[1]) * 16 : Number(m[2])
    return px < 12 ? [`${path}: ${m[0]}`] : []
  }))
  expect(small).toEqual([])
})
