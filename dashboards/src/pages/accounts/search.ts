// Finding accounts in the list: every word must occur; role and state narrow.

import type { AccountInfo } from '@/http/types'

export function rolesOf(all: AccountInfo[]): string[] {
  return [...new Set(all.flatMap((a) => a.roles))].sort((a, b) => a.localeCompare(b, 'zh-CN'))
}

export function found(all: AccountInfo[], by: { q: string; role: string; state: string }): AccountInfo[] {
  const words = by.q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((a) => {
    const line = [a.account, a.name, ...a.roles, ...a.assignments].join(' ').toLowerCase()
    return words.every((w) => line.includes(w)) && (!by.role || a.roles.includes(by.role)) && (!by.state || a.active === (by.state === 'active'))
  })
}
