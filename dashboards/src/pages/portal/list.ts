// The rows of a list as its address says; every change of filter, sort or page is a step the browser can go back.

import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { get } from '@/http/client'
import { asApiError, type ApiError } from '@/http/problem'
import type { ItemPage, ResourceDef } from '@/http/types'
import { controlOf } from './fields'
import { keepPlace } from './place'
import { PAGE_SIZE, readList, toApi, writeList, type ListQuery } from './query'

/** Most rows of one answer; used to find a page whose place nobody has kept. */
const MOST = 500
/** Typing is one step, however many letters it takes. */
const PAUSE = 2500

export function useList(resource: string, def: ComputedRef<ResourceDef | undefined>) {
  const route = useRoute()
  const router = useRouter()
  const query = computed(() => readList(route.query))
  const timestamps = computed(() => new Set(['created_at', 'updated_at', ...(def.value?.fields ?? []).filter((f) => controlOf(f) === 'time').map((f) => f.name)]))
  const page = shallowRef<ItemPage | null>(null)
  const stale = ref(false)
  const error = shallowRef<ApiError | null>(null)
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    stale.value = page.value !== null
    try {
      const answer = await get<ItemPage>(`/resources/${resource}`, toApi(query.value, timestamps.value))
      if (mine !== asked) return
      page.value = answer
      error.value = null
    } catch (e) {
      if (mine === asked) error.value = asApiError(e)
    } finally {
      if (mine === asked) stale.value = false
    }
  }
  watch(() => JSON.stringify(query.value), () => {
    keepPlace(resource, route.fullPath)
    void load()
  }, { immediate: true })

  let typedAt = 0
  function go(change: Partial<ListQuery>, before: string[] = []): void {
    const next = { path: route.path, query: writeList({ ...query.value, after: '', page: 1, ...change }), state: { before } }
    const typing = Object.keys(change).join() === 'q'
    const goesOn = typing && Date.now() - typedAt < PAUSE
    typedAt = typing ? Date.now() : 0
    void (goesOn ? router.replace(next) : router.push(next))
  }

  /** The places of the pages before this one, as far as this visit has seen them. */
  const before = (): string[] => (Array.isArray(window.history.state?.before) ? (window.history.state.before as string[]) : [])
  function nextPage(): void {
    const next = page.value?.page?.next
    if (next) go({ after: next, page: query.value.page + 1 }, [...before(), query.value.after])
  }
  async function previousPage(): Promise<void> {
    const to = query.value.page - 1
    const known = before()
    if (to <= 1) return go({})
    if (known.length > 0) return go({ after: known.at(-1) ?? '', page: to }, known.slice(0, -1))
    stale.value = true
    try {
      go({ after: await placeOf(to), page: to })
    } catch (e) {
      error.value = asApiError(e)
    } finally {
      stale.value = false
    }
  }
  /** Whoever came by a link has no places kept: they are found from the first row on. */
  async function placeOf(number: number): Promise<string> {
    let left = (number - 1) * PAGE_SIZE
    let after = ''
    while (left > 0) {
      const size = Math.min(MOST, left)
      const answer = await get<ItemPage>(`/resources/${resource}`, toApi({ ...query.value, after }, timestamps.value, size))
      after = answer.page?.next ?? ''
      if (!after) return ''
      left -= size
    }
    return after
  }
  return { query, timestamps, page, stale, error, load, go, nextPage, previousPage }
}
