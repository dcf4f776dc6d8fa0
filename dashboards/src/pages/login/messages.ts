// What the log-in page says to each answer of the server.

import type { ApiError } from '@/http/problem'
import { stamp } from '@/format/time'

export function loginMessage(error: ApiError): { form: string; locked?: boolean } {
  const locked = error.status === 423 || /lock/i.test(error.code)
  if (locked) {
    const until = error.extra.locked_until ?? error.extra.until
    const when = typeof until === 'string' ? `，请在 ${stamp(until).slice(11)} 之后再试` : '，请 15 分钟后再试'
    return { locked: true, form: /分钟|之后/.test(error.message) ? error.message : `连续输错密码，账号已暂时锁定${when}，或联系系统管理员。` }
  }
  if (error.status === 401) return { form: /[\u4e00-\u9fff]/.test(error.message) && error.code !== 'http_401' ? error.message : '账号或密码不正确，请重新输入。连续输错 5 次将锁定 15 分钟。' }
  if (error.status === 429) return { form: '尝试过于频繁，请稍后再试。' }
  return { form: error.message }
}
