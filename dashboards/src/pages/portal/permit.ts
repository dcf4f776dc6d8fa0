// What may be done with a record now, as the server says it for its state. Comfort only: the server decides again.

import type { ActionDef, FieldDef, Item, ResourceDef, StateDef } from '@/http/types'
import { stateTone } from './fields'

function stateOf(def: ResourceDef, item: Item): StateDef | undefined {
  return def.states?.find((s) => s.code === item.state)
}

/** The transitions of a record's state that this account may make. */
export function actionsOf(def: ResourceDef, item: Item): ActionDef[] {
  return (def.actions ?? []).filter((a) => a.allowed !== false && (!a.from?.length || a.from.includes(item.state ?? '')))
}

/** What cannot be taken back, or must be answered for, warns before it is done. */
export function isGrave(def: ResourceDef, action: ActionDef): boolean {
  return action.tone === 'danger' || action.reason_required === true || stateTone(def, action.to) === 'red'
}

function fillable(fields: FieldDef[]): FieldDef[] {
  return fields.filter((f) => !f.readonly && f.writable !== false && f.name !== 'id')
}

/** Fields of a form: of a new record all this account fills in, of an old one those its state leaves open. */
export function offered(def: ResourceDef, item: Item | null): FieldDef[] {
  const open = item && stateOf(def, item)?.edit
  return open ? def.fields.filter((f) => open.includes(f.name)) : fillable(def.fields)
}

/** Which records a reference may lead to, as filters of their list: others would be refused. */
export function narrowed(field: FieldDef, typed: Record<string, string | boolean>): Record<string, string> {
  const agree = (field.same ?? []).flatMap((name) => (typeof typed[name] === 'string' && typed[name] ? [[`filter[${name}]`, typed[name]]] : []))
  const only = field.must_be?.length === 1 ? [['filter[state]', field.must_be[0]]] : []
  return Object.fromEntries([...only, ...agree]) as Record<string, string>
}

/** Fields that only a request changes which somebody else reviews. */
export function reviewed(def: ResourceDef, item: Item): FieldDef[] {
  const names = stateOf(def, item)?.review ?? []
  return def.fields.filter((f) => names.includes(f.name))
}

export function mayUpdate(def: ResourceDef, item: Item): boolean {
  return def.can?.update === true && offered(def, item).length > 0
}

export function mayRequest(def: ResourceDef, item: Item): boolean {
  return def.can?.update === true && reviewed(def, item).length > 0
}

/** How a record is deleted: not at all, with a reason that stays on record, or freely. */
export function deletion(def: ResourceDef, item: Item): 'never' | 'reason' | 'free' {
  if (def.can?.delete !== true) return 'never'
  const rule = stateOf(def, item)?.delete ?? 'free'
  return rule === 'never' || rule === 'reason' ? rule : 'free'
}

/** What to do instead of what the state refuses, in the definition's words. */
export function remedyOf(def: ResourceDef, item: Item): string {
  return stateOf(def, item)?.remedy ?? ''
}
