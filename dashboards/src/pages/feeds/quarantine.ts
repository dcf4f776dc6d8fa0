// Narrowing and taking along quarantined rows. Which rows there are and what of them is shown is the server's business: their
// previews come masked.

import { stamp } from '@/format/time'
import type { QuarantineRow } from '@/http/types'
import { reasonAdvice, reasonLabel } from './reasons'

export interface Narrow { reason: string; file: string; state: '' | 'waiting' | 'done'; q: string }

export function waiting(row: QuarantineRow): boolean {
  return !row.state || !/replayed|resolved|stored|done/.test(row.state)
}

export function isNarrow(by: Narrow): boolean {
  return Boolean(by.reason || by.file || by.state || by.q.trim())
}

export function matches(row: QuarantineRow, by: Narrow): boolean {
  const words = by.q.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const line = [row.file, row.row_no, row.detail, row.raw, reasonLabel(row.reason, row.reason_label)].join(' ').toLowerCase()
  return (!by.reason || row.reason === by.reason) && (!by.file || row.file === by.file) && (!by.state || waiting(row) === (by.state === 'waiting')) && words.every((w) => line.includes(w))
}

/** Files from the one with most rows on, with how many. */
export function filesOf(rows: QuarantineRow[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const row of rows) if (row.file) counts.set(row.file, (counts.get(row.file) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** A sheet to send to the partner: where each row stands, what is wrong, what to do. */
export function sheetOf(rows: QuarantineRow[]): string[][] {
  return [
    ['文件', '行号', '原因', '说明', '怎样处理', '预览（个人信息已脱敏）', '隔离时间', '状态'],
    ...rows.map((r) => [r.file ?? '', String(r.row_no ?? ''), reasonLabel(r.reason, r.reason_label), r.detail ?? '', reasonAdvice(r.reason), r.raw ?? '', stamp(r.created_at, 'second'), waiting(r) ? '待处理' : '已重放']),
  ]
}
