// CSV in the browser: reading a file to show it before it is sent, writing what came back. Quotes and line ends as RFC 4180.

/** A row and the line it begins on, as a spreadsheet and the server count: the heading is 1. */
export interface SheetRow { line: number; cells: string[] }

/** A quoted cell longer than this was not meant to be one: the server takes its quote for an open one. */
const LONGEST_CELL = 64 * 1024

/** Rows that hold something; a line end inside quotes belongs to the cell. `most` stops early: a preview needs no more.
 *  As the server does, a row that cannot be read ends with its line: an open quote must not swallow the good rows behind it. */
export function readCsv(text: string, most = Number.POSITIVE_INFINITY): SheetRow[] {
  const clean = text.replace(/^\ufeff/, '')
  const rows: SheetRow[] = []
  let at = 0
  let line = 1
  let width = 0
  while (at < clean.length && rows.length < most) {
    let row = readRow(clean, at)
    // A quote that reaches into other rows and does not give a row of the right width was never closed.
    const reaches = row !== null && /[\r\n]/.test(clean.slice(at, row.end)) && width > 0 && row.cells.length !== width
    if (row === null || reaches) row = readLine(clean, at)
    if (row === null) break
    width ||= row.cells.length
    if (row.cells.some((c) => c.trim() !== '')) rows.push({ line, cells: row.cells })
    const next = row.end + (clean.startsWith('\r\n', row.end) ? 2 : 1)
    line += clean.slice(at, next).match(/\r\n|\r|\n/g)?.length ?? 0
    at = next
  }
  return rows
}

interface Read { cells: string[]; end: number }

/** A row up to its line end; null where a quote stays open or text follows it, unless cells are to be taken `asTheyStand`. */
function readRow(text: string, from: number, asTheyStand = false): Read | null {
  const cells: string[] = []
  for (let at = from; ; at++) {
    const quoted = text[at] === '"' ? readQuoted(text, at) : null
    if (text[at] === '"' && quoted === null && !asTheyStand) return null
    const end = quoted?.end ?? endOf(text, at, /[,\r\n]/)
    cells.push(quoted?.cell ?? text.slice(at, end))
    at = end
    if (text[at] !== ',') return { cells, end }
  }
}

/** The cells of one line and no more. */
function readLine(text: string, from: number): Read | null {
  const line = text.slice(from, endOf(text, from, /[\r\n]/))
  const row = readRow(line, 0, true)
  return row && { cells: row.cells, end: from + row.end }
}

function readQuoted(text: string, open: number): { cell: string; end: number } | null {
  let cell = ''
  for (let at = open + 1; ; at++) {
    const close = text.indexOf('"', at)
    if (close < 0 || close - at >= LONGEST_CELL) return null
    cell += text.slice(at, close)
    at = close + 1
    if (text[at] !== '"') return at === text.length || /[,\r\n]/.test(text[at] ?? '') ? { cell, end: at } : null
    cell += '"'
  }
}

function endOf(text: string, from: number, mark: RegExp): number {
  const sought = new RegExp(mark, 'g')
  sought.lastIndex = from
  return sought.exec(text)?.index ?? text.length
}

/** With a mark of UTF-8, so that spreadsheet programs show Chinese; no cell is taken for a formula. */
export function writeCsv(rows: string[][]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `\ufeff${rows.map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`
}

/** UTF-8, or what Chinese spreadsheet programs write when nobody asks them for it. */
export function decode(bytes: ArrayBuffer): { text: string; converted: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), converted: false }
  } catch {
    return { text: new TextDecoder('gb18030').decode(bytes), converted: true }
  }
}

export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 30_000)
}
