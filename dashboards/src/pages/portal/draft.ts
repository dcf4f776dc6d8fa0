// From what is typed to what is sent, and back. Values in the form are text (or true/false), so nothing is lost on the way.

import type { FieldDef, Item } from '@/http/types'
import { stamp, withOffset } from '@/format/time'
import { controlOf, mustBeTyped } from './fields'
import { misread, plainNumber } from './number'

export type Typed = Record<string, string | boolean>

export function blank(fields: FieldDef[], ownDistrict: string | null): Typed {
  return Object.fromEntries(fields.map((f) => {
    const control = controlOf(f)
    if (control === 'flag') return [f.name, f.default === true || f.default === 'true']
    const preset = f.default === null || f.default === undefined || f.default === 'now' ? '' : String(f.default)
    return [f.name, control === 'district' && !preset && f.required ? ownDistrict ?? '' : preset]
  }))
}

/** Personal values come masked: the box stays empty and empty means unchanged. */
export function fromItem(fields: FieldDef[], item: Item): Typed {
  return Object.fromEntries(fields.map((f) => {
    const value = item[f.name]
    const control = controlOf(f)
    if (control === 'flag') return [f.name, value === true || value === 'true']
    if (f.visibility === 'personal' || f.visibility === 'secret' || value === null || value === undefined) return [f.name, '']
    if (control === 'time') return [f.name, stamp(String(value), 'second')]
    return [f.name, typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)]
  }))
}

export type Outgoing = Record<string, unknown>

/** Only filled fields of a new record; of an old one only what was changed (emptied becomes null). */
export function outgoing(fields: FieldDef[], typed: Typed, original: Typed | null): Outgoing {
  const body: Outgoing = {}
  for (const field of fields) {
    const value = typed[field.name]
    if (original ? value === original[field.name] : value === '' || value === undefined) continue
    body[field.name] = toWire(field, value)
  }
  return body
}

function toWire(field: FieldDef, value: string | boolean | undefined): unknown {
  if (typeof value === 'boolean') return value
  const text = (value ?? '').trim()
  if (text === '') return null
  switch (controlOf(field)) {
    case 'time': return withOffset(text.length === 16 ? `${text}:00` : text)
    case 'money': return plainNumber(text) ?? text
    case 'number': {
      const plain = plainNumber(text) ?? text
      return /^(int|integer)$/.test(field.type) && /^-?\d{1,9}$/.test(plain) ? Number(plain) : plain
    }
    case 'json': try { return JSON.parse(text) } catch { return text }
    default: return text
  }
}

/** Only what the browser can know for sure; the server checks everything again. */
export function mistakes(fields: FieldDef[], typed: Typed, original: Typed | null): Record<string, string> {
  const wrong: Record<string, string> = {}
  for (const field of fields) {
    const value = typed[field.name]
    const text = typeof value === 'string' ? value.trim() : ''
    const control = controlOf(field)
    if (text === '') {
      const keepsMasked = original !== null && (field.visibility === 'personal' || field.visibility === 'secret')
      if (mustBeTyped(field) && !keepsMasked) {
        wrong[field.name] = `请${control === 'choice' || control === 'ref' || control === 'district' ? '选择' : '填写'}${field.title}`
      }
      continue
    }
    if (control === 'money' && !/^-?\d{1,10}(\.\d{1,2})?$/.test(plainNumber(text) ?? '')) wrong[field.name] = misread(text, '请填写金额，最多两位小数，例如 128.50')
    if (control === 'number' && plainNumber(text) === null) wrong[field.name] = misread(text, '请填写数字')
    if (control === 'json') try { JSON.parse(text) } catch { wrong[field.name] = '格式不正确，应为 JSON' }
  }
  return wrong
}

export function changed(typed: Typed, original: Typed): boolean {
  return Object.keys(typed).some((k) => typed[k] !== original[k])
}

const KEY = 'pujiang.draft.'
export function keepDraft(key: string, typed: Typed | null): void {
  try {
    if (typed) sessionStorage.setItem(KEY + key, JSON.stringify(typed))
    else sessionStorage.removeItem(KEY + key)
  } catch {
    // A full storage only loses the copy, never what is in the boxes.
  }
}
export function readDraft(key: string): Typed | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY + key) ?? 'null') as Typed | null
  } catch {
    return null
  }
}
