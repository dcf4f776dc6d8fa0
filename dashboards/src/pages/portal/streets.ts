// The streets of a district, asked once per district.

import { get } from '@/http/client'
import type { ItemPage } from '@/http/types'

export interface Street { code: string; name: string }
const known = new Map<string, Promise<Street[]>>()

export function streetsOf(district: string): Promise<Street[]> {
  let asked = known.get(district)
  if (!asked) {
    asked = fetchStreets(district).catch((error: unknown) => {
      known.delete(district)
      throw error
    })
    known.set(district, asked)
  }
  return asked
}

async function fetchStreets(district: string): Promise<Street[]> {
  const page = await get<ItemPage>('/resources/region', { 'filter[level]': 'street', 'filter[parent_code]': district, sort: 'region_code', 'page[size]': 200 })
  return page.items.map((item) => ({ code: String(item.region_code), name: String(item.name) }))
}
