// The streets and towns of the city, asked once.

import { get } from '@/http/client'

export interface Street { code: string; name: string; district: string }
let asked: Promise<Street[]> | undefined

export function loadStreets(): Promise<Street[]> {
  asked ??= get<{ streets: Street[] }>('/streets').then((r) => r.streets).catch((error: unknown) => {
    asked = undefined
    throw error
  })
  return asked
}
