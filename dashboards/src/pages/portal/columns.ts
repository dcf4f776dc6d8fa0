// The columns of a list: the definition's own choice unless this person chose otherwise on this machine.

import { computed, ref, type ComputedRef } from 'vue'
import type { FieldDef, ResourceDef } from '@/http/types'
import { listColumns } from './fields'

export function useColumns(resource: string, def: ComputedRef<ResourceDef | undefined>) {
  const key = `pujiang.columns.${resource}`
  const choosable = computed<FieldDef[]>(() => [
    ...(def.value?.fields ?? []).filter((f) => f.visibility !== 'secret' && f.type !== 'json'),
    { name: 'created_at', title: '录入时间', type: 'timestamp' }, { name: 'updated_at', title: '更新时间', type: 'timestamp' },
  ])
  const chosen = ref<string[] | null>(JSON.parse(localStorage.getItem(key) ?? 'null') as string[] | null)
  const columns = computed(() => {
    const names = chosen.value ?? (def.value ? listColumns(def.value).map((f) => f.name) : [])
    return choosable.value.filter((f) => names.includes(f.name))
  })
  function toggle(name: string): void {
    const names = columns.value.map((f) => f.name)
    chosen.value = names.includes(name) ? names.filter((n) => n !== name) : [...names, name]
    if (chosen.value.length === 0) chosen.value = null
    localStorage.setItem(key, JSON.stringify(chosen.value))
  }
  function reset(): void {
    chosen.value = null
    localStorage.removeItem(key)
  }
  return { choosable, columns, toggle, reset }
}
