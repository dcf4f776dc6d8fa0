// Finding an account among many by name, login or scope, and what may be said about it in one line.

import type { AccessAccount } from '@/http/types'

export function accountLine(a: AccessAccount): string {
  return [a.name, a.roles.join('、'), a.scope, a.active ? '' : '已停用'].filter(Boolean).join(' · ')
}

/** Every word must occur; an exact login comes first. */
export function matching(all: AccessAccount[], text: string, most = 8): AccessAccount[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const found = all.filter((a) => {
    const line = `${a.account} ${accountLine(a)}`.toLowerCase()
    return words.every((w) => line.includes(w))
  })
  const exact = (a: AccessAccount): number => (a.account.toLowerCase() === words[0] ? 0 : a.account.toLowerCase().startsWith(words[0] ?? '') ? 1 : 2)
  return found.sort((a, b) => exact(a) - exact(b)).slice(0, most)
}

/** Why a view cannot be opened, or nothing. */
export function viewRefusal(account: string, reason: string, own: string | undefined): string {
  if (!account) return '请选择要以谁的身份查看'
  if (account === own) return '不能以自己的身份查看'
  if ([...reason.trim()].length < 4) return '请写明查看的原因，至少 4 个字；原因会记入审计'
  return ''
}
