// What a form fills in from other boxes of the same form, as the definition says (原价 less 优惠). Exact: amounts
// are decimal text and go through no float. A box somebody has written into by hand is left alone.

import type { FieldDef } from '@/http/types'
import type { Typed } from './draft'
import { plainNumber } from './number'

function operands(field: FieldDef): string[] {
  return [...(field.computed?.plus ?? []), ...(field.computed?.minus ?? [])]
}

/** A decimal text as a whole number of its smallest unit; nothing if it is none. */
function units(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(plainNumber(text) ?? '')
  if (!match || (match[3]?.length ?? 0) > scale) return null
  const value = BigInt(`${match[2]}${(match[3] ?? '').padEnd(scale, '0')}`)
  return match[1] ? -value : value
}

function decimal(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale ? `.${digits.slice(-scale)}` : ''}`
}

/** What the box would hold; nothing while one of the others is empty or no number. */
export function computedValue(field: FieldDef, typed: Typed): string | null {
  if (!field.computed) return null
  const scale = field.scale ?? (field.type === 'money' ? 2 : 0)
  let sum = 0n
  for (const name of operands(field)) {
    const value = units(String(typed[name] ?? '').trim(), scale)
    if (value === null) return null
    sum += field.computed.plus.includes(name) ? value : -value
  }
  return decimal(sum, scale)
}

/** The boxes to fill after `changed` was typed: those nobody has filled by hand since they were last computed. */
export function filled(fields: FieldDef[], before: Typed, now: Typed, changed: string): Typed {
  const next: Typed = {}
  for (const field of fields) {
    if (!field.computed || field.name === changed || !operands(field).includes(changed)) continue
    const held = before[field.name]
    if (held !== '' && held !== undefined && held !== computedValue(field, before)) continue
    const value = computedValue(field, now)
    next[field.name] = value === null || value.startsWith('-') ? '' : value
  }
  return next
}
