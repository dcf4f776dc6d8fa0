// CSV in the browser: reading a file to show it before it is sent, writing what came back. Quotes and line ends as RFC 4180.

/** A row and the line it begins on, as a spreadsheet and the server count: the heading is 1. */
export interface SheetRow { line: number; cells: string[] }

/** Rows that hold something; a line end inside quotes belongs to the cell. `most` stops early: a preview needs no more. */
export function readCsv(text: string, most = Number.POSITIVE_INFINITY): SheetRow[] {
  const rows: SheetRow[] = []
  const clean = text.replace(/^\ufeff/, '')
  let cells: string[] = []
  let cell = ''
  let quoted = false
  let line = 1
  let start = 1
  const endRow = (): void => {
    cells.push(cell)
    cell = ''
    if (cells.some((c) => c.trim() !== '')) rows.push({ line: start, cells })
    cells = []
  }
  for (let i = 0; i < clean.length && rows.length < most; i++) {
    const c = clean[i]
    const lineEnd = c === '\n' || (c === '\r' && clean[i + 1] !== '\n')
    if (lineEnd) line++
    if (quoted) {
      if (c !== '"') cell += c
      else if (clean[i + 1] === '"') { cell += '"'; i++ } else quoted = false
    } else if (c === '"' && cell === '') quoted = true
    else if (c === ',') { cells.push(cell); cell = '' }
    else if (lineEnd) {
      endRow()
      start = line
    } else if (c !== '\r') cell += c
  }
  if (rows.length < most && (cell !== '' || cells.length > 0)) endRow()
  return rows
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
