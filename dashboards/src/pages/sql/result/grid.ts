// How a result is laid out and copied: what a cell shows, how wide a column is, which rows are in sight. No arithmetic on values.

import { exactText, MISSING, type Cell } from '@/format/figures'
import type { Column } from '@/http/types'

export type Align = 'left' | 'right' | 'center'

const NUMERIC = /^(integer|decimal|float)/
// A year or a number that names something is not a quantity and gets no separators.
const NAMES_SOMETHING = /(_id|_no|_code|code|year|month|day|version|编号|代码|证号|年|月|日|号|版本)$/i

export function isNumeric(column: Column): boolean {
  return NUMERIC.test(column.type)
}

export function align(column: Column): Align {
  return isNumeric(column) ? 'right' : column.type === 'boolean' ? 'center' : 'left'
}

export function shown(value: Cell | object, column: Column): string {
  if (value === null || value === undefined) return MISSING
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (isNumeric(column)) return NAMES_SOMETHING.test(column.name) ? String(value) : exactText(value)
  if (column.type === 'timestamp') return String(value).replace('T', ' ').replace(/(\.\d*?)0*(\+08:00)?$/, (_, f: string) => (f === '.' || f === '' ? '' : f)).replace(/\+08:00$/, '')
  return String(value)
}

/** What goes to the clipboard: the value itself, without separators; line ends would break the table. */
export function raw(value: Cell | object): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/[\t\r\n]+/g, ' ')
}

export interface Range { top: number; bottom: number; left: number; right: number }

export function rangeOf(a: { row: number; col: number }, b: { row: number; col: number }): Range {
  return { top: Math.min(a.row, b.row), bottom: Math.max(a.row, b.row), left: Math.min(a.col, b.col), right: Math.max(a.col, b.col) }
}

export function tsv(rows: Cell[][], range: Range, head?: Column[]): string {
  const lines = rows.slice(range.top, range.bottom + 1).map((row) => row.slice(range.left, range.right + 1).map(raw).join('\t'))
  if (head) lines.unshift(head.slice(range.left, range.right + 1).map((c) => raw(c.name)).join('\t'))
  return lines.join('\n')
}

/** Width of a text in rem at the grid's size: Chinese characters are twice as wide as Latin ones. */
export function textWidth(text: string): number {
  let width = 0
  for (const ch of text) width += (ch.codePointAt(0) ?? 0) > 0x2e7f ? 0.8125 : 0.475
  return width
}

const SAMPLE = 200

/** Column widths in rem from the heading and the first rows; long texts are cut, the full text is in the title. */
export function widths(columns: Column[], rows: Cell[][], subtitles: string[]): number[] {
  return columns.map((column, i) => {
    let widest = Math.max(textWidth(column.name) + 0.5, textWidth(subtitles[i] ?? '') * 0.95)
    for (const row of rows.slice(0, SAMPLE)) widest = Math.max(widest, textWidth(shown(row[i], column)))
    return Math.min(24, Math.max(4, widest + 1.5))
  })
}

export interface Window { first: number; last: number }

/** Rows to draw: those in sight and some beyond, so that a quick scroll shows no gap. */
export function inSight(scrollTop: number, height: number, rowHeight: number, count: number): Window {
  const beyond = 12
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - beyond)
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + beyond)
  return { first: Math.min(first, count), last }
}
