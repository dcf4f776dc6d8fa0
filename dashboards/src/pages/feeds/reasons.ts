// Reasons of quarantine and refusal in the words of the office, with what to do about them.

import { duration } from '@/format/time'
import type { FeedStatus } from '@/http/types'

const REASONS: Record<string, [string, string]> = {
  not_json: ['不是 JSON 对象', '请对方检查该行是否被截断。'],
  unclosed_quote: ['引号未闭合', '请对方检查导出程序对引号的处理。'],
  wrong_column_count: ['列数与表头不符', '请核对分隔符，或该行是否被截断。'],
  bad_encoding: ['含有乱码', '请对方用 UTF-8 或 GB18030 导出。'],
  required_missing: ['必填项为空', '请对方补齐后重新报送。'],
  identifier_lost_precision: ['编号被存成数字，末位已丢失', '号码被表格软件当成数字，请以文本格式重新导出。'],
  bad_time: ['时间无法识别', '请核对时间格式。'],
  bad_number: ['金额或数字无法识别', '请核对金额或数量的写法。'],
  bad_code: ['代码不在约定范围内', '请核对类别、方式等代码。'],
  negative_amount: ['金额为负', '退款请按冲正报送。'],
  time_in_future: ['时间在未来', '请核对对方系统时钟。'],
  unknown_district: ['不是上海的区', '请核对区名、区代码或坐标。'],
  unknown_reference: ['引用的记录不存在', '请先登记该单位，再重放。'],
  amounts_do_not_add_up: ['原价减优惠不等于实付', '请对方核对三项金额。'],
}
const REFUSALS: Record<string, string> = {
  empty_file: '空文件', wrong_format: '格式与约定不符', unreadable: '文件无法读取', missing_columns: '缺少必需的列',
  ambiguous_columns: '有两列对应同一字段', unknown_unit: '金额单位无法识别', too_large: '文件过大', too_many_bad_rows: '不合约定的行过多',
}

export function reasonLabel(reason: string, given?: string | null): string {
  return given || REASONS[reason]?.[0] || reason
}
export function reasonAdvice(reason: string): string {
  return REASONS[reason]?.[1] ?? ''
}
export function refusalLabel(reason: string): string {
  return REFUSALS[reason] ?? REASONS[reason]?.[0] ?? reason
}
/** A feed that never ran is not up to date: it has no lag. */
export function lagWords(status: FeedStatus | undefined): string {
  return !status?.last_run || status.lag_seconds === null || status.lag_seconds === undefined ? '尚未运行' : duration(status.lag_seconds)
}
export const REASON_ORDER = Object.keys(REASONS)

export function total(counts: Record<string, number> | undefined): number {
  return Object.values(counts ?? {}).reduce((sum, n) => sum + n, 0)
}

export interface Sum { title: string; value: number; warn?: boolean }
/** The head of the page, in the words and meanings of the sentence by which a feed accounts for its rows. */
export function sumsOf(all: (FeedStatus | undefined)[]): Sum[] {
  const of = (pick: (s: FeedStatus) => number | undefined): number => all.reduce((sum, s) => sum + ((s && pick(s)) ?? 0), 0)
  return [
    { title: '收到行数', value: of((s) => s.rows_in) }, { title: '已入库', value: of((s) => s.rows_stored) },
    { title: '合并重复', value: of((s) => s.duplicates_merged) }, { title: '被取代', value: of((s) => s.superseded) },
    { title: '隔离', value: of((s) => total(s.quarantined)), warn: true }, { title: '拒收文件', value: of((s) => total(s.files_refused)), warn: true },
  ]
}

const KINDS: Record<string, string> = {
  outbox: '业务库', csv: 'CSV 文件', xlsx: 'Excel 文件', ndjson: 'JSON 行文件', parquet: 'Parquet 文件', file: '文件', files: '文件', api: '接口',
}
export function kindLabel(kind: string | undefined): string {
  return kind ? KINDS[kind.toLowerCase()] ?? kind.toUpperCase() : '—'
}
