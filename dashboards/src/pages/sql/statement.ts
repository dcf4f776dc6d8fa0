// One statement under way: running, the clock beside it, cancelling, and what came back.

import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { post } from '@/http/client'
import { asApiError, type ApiError } from '@/http/problem'
import type { SqlAnswer } from '@/http/types'
import { explain, type Fault } from './explain'
import { keepHistory, readHistory, remembered, type Past } from './history'

export interface Result { answer: SqlAnswer; ms: number; sql: string; at: Date }
export interface Failure { error: ApiError; fault: Fault; sql: string }

export function useStatement() {
  const result = shallowRef<Result | null>(null)
  const failure = shallowRef<Failure | null>(null)
  const running = ref(false)
  const cancelled = ref(false)
  const elapsed = ref(0)
  const history = shallowRef<Past[]>(readHistory())
  let abort: AbortController | null = null
  let clock = 0

  function note(entry: Past): void {
    history.value = remembered(history.value, entry)
    keepHistory(history.value)
  }

  async function run(sql: string): Promise<void> {
    if (running.value || !sql.trim()) return
    const mine = new AbortController()
    abort = mine
    running.value = true
    cancelled.value = false
    failure.value = null
    elapsed.value = 0
    const start = performance.now()
    clock = window.setInterval(() => { elapsed.value = performance.now() - start }, 100)
    const at = new Date()
    try {
      const answer = await post<SqlAnswer>('/sql', { sql }, { signal: mine.signal })
      const ms = answer.duration_ms ?? performance.now() - start
      result.value = { answer, ms, sql, at }
      note({ sql, at: at.toISOString(), rows: answer.rows.length, ms, failed: null })
    } catch (e) {
      if (mine.signal.aborted) {
        cancelled.value = true
        return
      }
      const error = asApiError(e)
      const fault = explain(error.message, sql)
      failure.value = { error, fault, sql }
      note({ sql, at: at.toISOString(), rows: null, ms: performance.now() - start, failed: fault.message })
    } finally {
      clearInterval(clock)
      running.value = false
      abort = null
    }
  }

  /** Ends the request; the server stops computing when nobody listens any more. */
  function cancel(): void {
    abort?.abort()
  }
  function clearHistory(): void {
    history.value = []
    keepHistory([])
  }
  onBeforeUnmount(() => {
    cancel()
    clearInterval(clock)
  })
  return { result, failure, running, cancelled, elapsed, history, run, cancel, clearHistory }
}
