// The list's filters, sort and page in the address, in the same words the API uses.

import type { LocationQuery, LocationQueryRaw } from 'vue-router'

export const PAGE_SIZE = 50

/** `page` counts from 1 and only says where `after` leads to. */
export interface ListQuery { q: string; sort: string; after: string; page: number; filters: Record<string, string> }

/** `filters` keys: `state`, `category`, `pay_time.gte`, `pay_time.lte`. */
export function readList(query: LocationQuery): ListQuery {
  const text = (v: LocationQuery[string] | undefined): string => (typeof v === 'string' ? v : '')
  const filters: Record<string, string> = {}
  for (const [key, value] of Object.entries(query)) {
    const match = /^filter\[([a-z0-9_]+)\](?:\[(gte|lte)\])?$/i.exec(key)
    if (match?.[1] && text(value)) filters[match[2] ? `${match[1]}.${match[2]}` : match[1]] = text(value)
  }
  const after = text(query.after)
  const page = after ? Math.max(2, Math.trunc(Number(text(query.page))) || 2) : 1
  return { q: text(query.q), sort: text(query.sort), after, page, filters }
}

export function writeList(list: ListQuery): LocationQueryRaw {
  const query: LocationQueryRaw = {}
  if (list.q) query.q = list.q
  for (const [key, value] of Object.entries(list.filters)) if (value) query[filterKey(key)] = value
  if (list.sort) query.sort = list.sort
  if (list.after) {
    query.after = list.after
    query.page = String(list.page)
  }
  return query
}

function filterKey(key: string): string {
  const [field, op] = key.split('.')
  return op ? `filter[${field}][${op}]` : `filter[${field}]`
}

/** What goes to the server; days of a timestamp become Shanghai moments, the last day in full. */
export function toApi(list: ListQuery, timestamps: Set<string>, size: number | null = PAGE_SIZE): URLSearchParams {
  const params = new URLSearchParams()
  if (list.q) params.set('q', list.q)
  for (const [key, value] of Object.entries(list.filters)) {
    const [field = '', op] = key.split('.')
    const moment = timestamps.has(field) && /^\d{4}-\d\d-\d\d$/.test(value)
    params.set(filterKey(key), moment && op === 'gte' ? `${value}T00:00:00+08:00` : moment && op === 'lte' ? `${value}T23:59:59+08:00` : value)
  }
  if (list.sort) params.set('sort', list.sort)
  if (size !== null) params.set('page[size]', String(size))
  if (list.after) params.set('page[after]', list.after)
  return params
}

/** One click: descending for numbers and times, next click the other way, third click none. */
export function nextSort(now: string, field: string, downFirst: boolean): string {
  const [first, second] = downFirst ? [`-${field}`, field] : [field, `-${field}`]
  if (now === first) return second ?? ''
  return now === second ? '' : first ?? ''
}
