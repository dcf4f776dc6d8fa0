// Which of the states of a page an error is: what is refused or does not exist does not come right by trying again.

import type { ApiError } from './problem'

export interface Note { kind: 'missing' | 'refused' | 'failed'; title?: string; detail: string; code?: string; retry: boolean }

/** `missing` is the sentence for something that is not there (or not for this account, which is told alike). */
export function noteOf(error: ApiError, missing?: { title: string; detail: string }): Note {
  if (error.refused) return { kind: 'refused', detail: error.message, retry: false }
  if (error.status === 404) return { kind: 'missing', ...(missing ?? { title: '没有找到', detail: error.message }), retry: false }
  return { kind: 'failed', detail: error.message, code: error.code, retry: true }
}
