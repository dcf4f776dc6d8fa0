// What may be done with a record now, as the server says it: by the record if it tells, else by the definition. Comfort only:
// the server decides again.

import type { ActionDef, FieldDef, Item, ResourceDef } from '@/http/types'
import { stateTone } from './fields'

export function mayUpdate(def: ResourceDef, item: Item): boolean {
  return item.can?.update ?? def.can?.update ?? false
}

export function mayDelete(def: ResourceDef, item: Item): boolean {
  return item.can?.delete ?? def.can?.delete ?? false
}

/** The transitions of a record's state that this account may make. */
export function actionsOf(def: ResourceDef, item: Item): ActionDef[] {
  return (def.actions ?? []).filter((a) => a.allowed !== false && (item.actions ? item.actions.includes(a.id) : !a.from?.length || a.from.includes(item.state ?? '')))
}

/** What cannot be taken back, or must be answered for, warns before it is done. */
export function isGrave(def: ResourceDef, action: ActionDef): boolean {
  return action.danger ?? (action.reason_required === true || stateTone(def, action.to) === 'red')
}

/** Fields this account may fill in; the rest is shown, never offered. */
export function offered(fields: FieldDef[], item: Item | null): FieldDef[] {
  const open = item?.can?.fields
  return fields.filter((f) => !f.readonly && f.editable !== false && f.name !== 'id' && (!open || open.includes(f.name)))
}
