// The resource definitions of this account, fetched once per log-in and shared by menu, list, form and detail.

import { computed, shallowRef } from 'vue'
import { get } from '@/http/client'
import { asApiError, type ApiError } from '@/http/problem'
import type { ResourceDef } from '@/http/types'
import { principal } from '@/session/session'

const list = shallowRef<ResourceDef[] | null>(null)
const error = shallowRef<ApiError | null>(null)
let owner = ''
let pending: Promise<void> | null = null

function load(): Promise<void> {
  const account = principal.value?.account ?? ''
  if (owner === account && (list.value || pending)) return pending ?? Promise.resolve()
  owner = account
  list.value = null
  error.value = null
  pending = get<{ resources: ResourceDef[] }>('/resources')
    .then((r) => { list.value = r.resources })
    .catch((e: unknown) => { error.value = asApiError(e) })
    .finally(() => { pending = null })
  return pending
}

export function useResources() {
  void load()
  const groups = computed(() => {
    const byGroup = new Map<string, ResourceDef[]>()
    for (const r of list.value ?? []) {
      const group = r.group || '其他'
      byGroup.set(group, [...(byGroup.get(group) ?? []), r])
    }
    return [...byGroup].map(([title, resources]) => ({ title, resources }))
  })
  const retry = (): void => { owner = ''; void load() }
  return { list, groups, error, retry }
}

export function definitionOf(id: string): ResourceDef | undefined {
  return list.value?.find((r) => r.id === id)
}
