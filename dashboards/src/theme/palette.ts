// A member of a dimension has the colour of its definition, the same everywhere; one sequential scale for maps. Tested for
// colour-blind eyes by lightness steps.

import type { Member } from '@/http/types'

export const ACCENT = { light: '#1d5bb0', dark: '#69a5f5' } as const

const SPARE = ['#2b6cb8', '#d98a29', '#2f9384', '#7d63ab', '#b9543f', '#6aa9dc', '#8d8a35', '#5f6b7a']

/** The colour its definition gives a member; who has none gets a steady one by its code. */
export function colourOf(members: readonly Member[], code: string): string {
  const given = members.find((m) => m.code === code)?.colour
  if (given) return given
  if (code === '其他') return '#9aa3af'
  let hash = 0
  for (const ch of code) hash = (hash * 31 + (ch.codePointAt(0) ?? 0)) % 9973
  return SPARE[hash % SPARE.length] ?? '#5f6b7a'
}

const BLUES_LIGHT = ['#e3edf8', '#c5daf1', '#a0c2e6', '#74a5d8', '#4684c4', '#2463a8', '#134480']
const BLUES_DARK = ['#16294a', '#1c3a68', '#24508c', '#3069b0', '#4a88d0', '#76abe8', '#aed0fa']

/** `count` steps of the sequential scale, spread over its whole range. */
export function sequential(count: number, dark: boolean): string[] {
  const all = dark ? BLUES_DARK : BLUES_LIGHT
  if (count <= 1) return [all[4] ?? '#4684c4']
  return Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))] ?? '#4684c4')
}

/** Relative luminance of a `#rrggbb` colour. */
export function luminance(colour: string): number {
  const channel = (at: number): number => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/** Dark or light ink, whichever stands out more on the colour. */
export function inkOn(colour: string): string {
  return luminance(colour) > 0.19 ? '#0d1826' : '#ffffff'
}

/** What a canvas needs from the theme, since it cannot read CSS variables. */
export function inks(dark: boolean) {
  return dark
    ? { text: '#eef3fa', text2: '#b3c0d3', text3: '#8d9db4', line: '#22324a', soft: '#1b2940', surface: '#111b2a', accent: ACCENT.dark, last: '#7f8fa6', none: '#1a2536', edge: '#0a111c' }
    : { text: '#17202e', text2: '#4b5768', text3: '#586272', line: '#dfe3e8', soft: '#ebeef2', surface: '#ffffff', accent: ACCENT.light, last: '#8a95a5', none: '#eceef1', edge: '#ffffff' }
}
export type Inks = ReturnType<typeof inks>
