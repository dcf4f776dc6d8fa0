// How a field of a definition is shown and typed. The definition decides; nothing here knows a resource by name.

import { districtName, DISTRICTS } from '@/format/districts'
import { exactText, type Cell } from '@/format/figures'
import { stamp } from '@/format/time'
import type { Choice, FieldDef, Item, ResourceDef } from '@/http/types'

export type Control = 'text' | 'long' | 'choice' | 'ref' | 'date' | 'time' | 'number' | 'money' | 'flag' | 'json' | 'district' | 'street'

export function controlOf(field: FieldDef): Control {
  const type = field.type.toLowerCase()
  if (isDistrict(field)) return 'district'
  if (isStreet(field)) return 'street'
  if (field.ref) return 'ref'
  if (field.enum?.length) return 'choice'
  if (type === 'date') return 'date'
  if (/^(timestamp|datetime|ts)/.test(type)) return 'time'
  if (type === 'money') return 'money'
  if (/^(int|integer|bigint|decimal|number|num)/.test(type)) return 'number'
  if (/^bool/.test(type)) return 'flag'
  if (type === 'json') return 'json'
  const longest = field.max_length ?? 0
  return longest > 500 ? 'long' : 'text'
}

export function isDistrict(field: FieldDef): boolean {
  return field.format === 'district' || field.name === 'district_code'
}

export function isStreet(field: FieldDef): boolean {
  return field.format === 'street' || field.name === 'street_code'
}

export function choicesOf(field: FieldDef): Choice[] {
  if (isDistrict(field)) return DISTRICTS.map((d) => ({ code: d.code, label: d.name }))
  return (field.enum ?? []).map((c) => (typeof c === 'string' ? { code: c, label: c } : c))
}

export function stateLabel(def: ResourceDef, code: unknown): string {
  return def.states?.find((s) => s.code === code)?.label ?? (code ? String(code) : '—')
}

/** Colour by what the word of the state means; the word itself always stands beside it. */
export function stateTone(def: ResourceDef, code: unknown): '' | 'green' | 'amber' | 'red' | 'blue' {
  const label = `${stateLabel(def, code)} ${String(code)}`
  if (/冻结|暂停|挂失|驳回|frozen|suspended|lost|rejected/.test(label)) return 'amber'
  if (/冲正|注销|收回|关闭|退出|停用|过期|撤|死亡|reversed|cancelled|revoked|closed|retired|expired/.test(label)) return 'red'
  if (/草稿|待|已接收|已登记|draft|pending|received|registered/.test(label)) return 'blue'
  return 'green'
}

/** The words for a value in lists and details. */
export function shown(field: FieldDef, item: Item): string {
  const value = item[field.name]
  if (value === null || value === undefined || value === '') return '—'
  switch (controlOf(field)) {
    // The server's name first: an export and an import use it too.
    case 'district': return refLabel(item, field.name) ?? districtName(String(value))
    case 'street': return refLabel(item, field.name) ?? String(value)
    case 'ref': {
      const label = refLabel(item, field.name)
      return label ? String(label) : String(value).slice(0, 8)
    }
    case 'choice': return choicesOf(field).find((c) => c.code === value)?.label ?? String(value)
    case 'time': return stamp(String(value))
    case 'flag': return value === true || value === 'true' || value === 1 ? '是' : '否'
    case 'money': case 'number': return exactText(value as Cell)
    case 'json': return typeof value === 'string' ? value : JSON.stringify(value)
    default: return String(value)
  }
}

/** Said above a list whose kind of record the boards also have from partners. */
export const ONLY_ENTERED = '此清单只含在本系统录入的记录；合作单位推送的记录在看板和查询中。'

/** What an empty list says: that nobody entered anything does not mean that there is nothing. */
export function nothingHere(def: ResourceDef, filtered: boolean): string {
  const next = filtered ? '请放宽查找词或筛选条件。' : def.can?.create ? '可点右上角“新增”录入第一条。' : '有权限的同事录入后会显示在这里。'
  return def.partner_records ? `${next}${ONLY_ENTERED}` : next
}

/** The server names what a reference points to, in `labels`. */
export function refLabel(item: Item, field: string): string | undefined {
  const labels = item.labels as Record<string, unknown> | null | undefined
  const label = labels?.[field] ?? item[`${field}_label`]
  return typeof label === 'string' && label ? label : undefined
}

export function isNumeric(field: FieldDef): boolean {
  return ['money', 'number'].includes(controlOf(field))
}

export function listColumns(def: ResourceDef): FieldDef[] {
  const marked = def.fields.filter((f) => f.in_list)
  return marked.length > 0 ? marked : def.fields.filter((f) => f.visibility !== 'secret').slice(0, 6)
}

export interface FieldGroup { title: string; fields: FieldDef[] }

/** The server fills it when left empty. */
export function fillsItself(field: FieldDef): boolean {
  return /留空/.test(field.help ?? '') || field.generated === true
}

/** Nothing to type: a box with a preset, or one the server fills. */
export function mustBeTyped(field: FieldDef): boolean {
  const preset = field.default !== null && field.default !== undefined && field.default !== ''
  return field.required === true && !preset && !fillsItself(field) && controlOf(field) !== 'flag'
}

/** Groups as defined; without groups: what must be known, what the server can fill, the rest. */
export function formGroups(fields: FieldDef[]): FieldGroup[] {
  const named = new Map<string, FieldDef[]>()
  for (const field of fields) {
    const title = field.group || (!field.required || controlOf(field) === 'flag' ? '补充信息' : fillsItself(field) ? '自动填写（可改）' : '基本信息')
    named.set(title, [...(named.get(title) ?? []), field])
  }
  const order = ['基本信息', '自动填写（可改）', '补充信息']
  const rank = (title: string): number => order.indexOf(title)
  const groups = [...named].map(([title, list]) => ({ title, fields: list }))
  return fields.some((f) => f.group) ? groups : groups.sort((a, b) => rank(a.title) - rank(b.title))
}

/** The text that stands for a record in headings and pickers. */
export function recordTitle(def: ResourceDef, item: Item): string {
  const display = def.fields.find((f) => f.name === def.display)
  if (display && item[display.name]) return shown(display, item)
  const first = listColumns(def).find((f) => item[f.name])
  return first ? shown(first, item) : item.id.slice(0, 8)
}

/** A second line for pickers: what tells two records of the same name apart. */
export function recordHint(def: ResourceDef, item: Item): string {
  const title = recordTitle(def, item)
  return listColumns(def).map((f) => shown(f, item)).filter((t) => t !== '—' && t !== title).slice(0, 2).join(' · ')
}

/** The name of the person behind a login name, if the server tells it. */
export function personName(item: Item, field: 'created_by' | 'updated_by'): string {
  const login = item[field]
  return refLabel(item, field) ?? (typeof login === 'string' ? login : '')
}
