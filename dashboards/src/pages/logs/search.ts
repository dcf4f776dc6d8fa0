// What one looks for in the audit log, in the address, and an entry's details in lines. Titles come from the server: what can be
// chosen is what every log holds, and what the entries read so far name.

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { LogEntry } from '@/http/types'

export interface LogSearch { actor: string; action: string; target_type: string; target_id: string; result: string; from: string; to: string }
const KEYS = ['actor', 'action', 'target_type', 'target_id', 'result', 'from', 'to'] as const

type Option = [code: string, title: string]
const ACTIONS: Option[] = [
  ['login', '登录'], ['sql', '查询'], ['export', '导出'], ['create', '新增'], ['update', '修改'], ['delete', '删除'], ['bulk_insert', '批量装载'],
  ['set_password', '改密码'], ['set_grants', '改授权'], ['view_as', '以他人身份查看'], ['explain_access', '查权限说明'], ['read_audit', '查审计日志'],
]
const TARGETS: Option[] = [['account', '账号'], ['session', '会话'], ['sql', '数据查询'], ['audit_log', '审计日志']]

function options(fixed: Option[], named: Option[], chosen: string): Option[] {
  const all = new Map([...fixed, ...named])
  // What came with a link can be seen and taken back, whether it is known or not.
  if (chosen && !all.has(chosen)) all.set(chosen, chosen)
  return [...all]
}
export function actionOptions(items: LogEntry[], chosen: string): Option[] {
  return options(ACTIONS, items.map((e) => [e.action, e.action_title ?? e.action]), chosen)
}
export function targetOptions(items: LogEntry[], chosen: string): Option[] {
  return options(TARGETS, items.map((e) => [e.target_type, e.target_title ?? e.target_type]), chosen)
}

export function readSearch(query: LocationQuery): LogSearch {
  return Object.fromEntries(KEYS.map((key) => [key, typeof query[key] === 'string' ? query[key] : ''])) as unknown as LogSearch
}

export function writeSearch(search: LogSearch): LocationQueryRaw {
  return Object.fromEntries(KEYS.flatMap((key) => (search[key].trim() ? [[key, search[key].trim()]] : [])))
}

/** Everything else an entry holds: why, which fields of a record changed, what was noted of other things. */
export function details(entry: LogEntry): [string, string][] {
  const side = (title: string, value: unknown): [string, string][] => {
    if (value === null || value === undefined) return []
    if (typeof value !== 'object') return [[title, String(value)]]
    return Object.entries(value).flatMap(([key, part]) => (part === null || part === '' ? [] : [[`${title} ${key}`, typeof part === 'object' ? JSON.stringify(part) : String(part)] as [string, string]]))
  }
  const fields: [string, string][] = entry.fields?.length ? [['改动的字段', entry.fields.join('、')]] : []
  return [...(entry.reason ? [['原因', entry.reason] as [string, string]] : []), ...fields, ...side('之前', entry.before), ...side(entry.before ? '之后' : '内容', entry.after)]
}
