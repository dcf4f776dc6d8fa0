// The data of one board: one answer for all tiles, the old picture kept (dimmed) until the new one is there,
// refetched on every tick of the server with If-None-Match.

import { computed, onBeforeUnmount, ref, shallowRef, watch, type Ref } from 'vue'
import { get, request } from '@/http/client'
import { listen, type LiveState } from '@/http/events'
import { ApiError, asApiError } from '@/http/problem'
import type { BoardData, BoardDef, BoardList, Dimension, Indicator } from '@/http/types'
import { filterKey, offered, question, type BoardFilters } from './filters'

const TICK_PAUSE = 300

/** `id` is empty where the address names no board; `address` has whatever it chooses, `filters` what the board has of it. */
export function useBoard(id: Ref<string>, address: Ref<BoardFilters>) {
  const boards = shallowRef<BoardDef[] | null>(null)
  const dimensions = shallowRef(new Map<string, Dimension>())
  const definition = computed(() => boards.value?.find((b) => b.id === id.value) ?? null)
  const filters = computed(() => offered(address.value, definition.value))
  const dictionary = shallowRef(new Map<string, Indicator>())
  const data = shallowRef<BoardData | null>(null)
  const shownKey = ref('')
  const stale = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const live = ref<LiveState>('connecting')
  const receivedAt = ref<Date | null>(null)

  let etag: { key: string; value: string } | null = null
  let running: AbortController | null = null
  let again = false
  let described: Promise<void> = Promise.resolve()

  async function describe(): Promise<void> {
    try {
      const [list, metrics] = await Promise.all([
        get<BoardList>('/boards'),
        // Without the dictionary the figures still show, only their 口径 and direction are missing.
        get<{ indicators: Indicator[] }>('/metrics').catch(() => ({ indicators: [] })),
      ])
      dictionary.value = new Map(metrics.indicators.map((i) => [i.id, i]))
      dimensions.value = new Map((list.dimensions ?? []).map((d) => [d.id, d]))
      boards.value = list.boards
      if (id.value ? !definition.value : list.boards.length === 0) throw new ApiError(404, 'unknown_board', '没有这个看板，可能已改名或停用。请从菜单重新进入。')
    } catch (e) {
      error.value = asApiError(e)
    }
  }

  async function load(): Promise<void> {
    running?.abort()
    if (!id.value) return
    const mine = new AbortController()
    running = mine
    // Which parts of the address choose something is said by the board; without any there is nothing to wait for.
    if (!boards.value && Object.keys(address.value.members).length > 0) await described
    if (mine.signal.aborted) return
    const asked = question(filters.value)
    const key = JSON.stringify([id.value, asked])
    const wanted = filterKey(filters.value)
    const sameFigures = shownKey.value === wanted
    if (!sameFigures && data.value) stale.value = true
    try {
      const headers: Record<string, string> = etag?.key === key && data.value ? { 'If-None-Match': etag.value } : {}
      const reply = await request<BoardData>('POST', `/boards/${encodeURIComponent(id.value)}/data`, { body: asked, headers, signal: mine.signal })
      if (reply.status !== 304) {
        data.value = reply.data
        shownKey.value = wanted
      }
      etag = reply.etag ? { key, value: reply.etag } : null
      receivedAt.value = new Date()
      error.value = null
      stale.value = false
    } catch (e) {
      if (e instanceof DOMException && e.name === 'AbortError') return
      error.value = asApiError(e)
      // Numbers of other filters under the new heading would be a lie.
      if (!sameFigures) data.value = null
      stale.value = false
    } finally {
      if (running === mine) {
        running = null
        if (again && !timer) { again = false; tick() }
      }
    }
  }

  // Ticks may come faster than answers: at most one question under way, and one more after it.
  let timer = 0
  function tick(): void {
    if (running || timer) { again = true; return }
    void load()
    timer = window.setTimeout(() => {
      timer = 0
      if (again) { again = false; tick() }
    }, TICK_PAUSE)
  }

  const stop = listen(tick, (state) => { live.value = state })
  onBeforeUnmount(() => {
    stop()
    clearTimeout(timer)
    running?.abort()
  })

  described = describe()
  watch([id, () => JSON.stringify(address.value)], () => void load(), { immediate: true })

  function retry(): void {
    error.value = null
    if (!definition.value) described = describe()
    void load()
  }
  return { boards, definition, dimensions, filters, dictionary, data, stale, error, live, receivedAt, shownKey, retry }
}
