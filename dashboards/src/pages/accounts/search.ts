// Finding accounts in the list: every word must occur; role and state narrow.

import type { AccountInfo, RoleInfo } from '@/http/types'

/** Titles to choose from: the roles there are, in their order, then what accounts still have beside them. */
export function rolesOf(all: AccountInfo[], roles: RoleInfo[]): string[] {
  return [...new Set([...roles.map((r) => r.title), ...all.flatMap((a) => a.roles)])]
}

export function found(all: AccountInfo[], by: { q: string; role: string; state: string }): AccountInfo[] {
  const words = by.q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((a) => {
    const line = [a.account, a.name, ...a.roles, ...a.assignments].join(' ').toLowerCase()
    return words.every((w) => line.includes(w)) && (!by.role || a.roles.includes(by.role)) && (!by.state || a.active === (by.state === 'active'))
  })
}
