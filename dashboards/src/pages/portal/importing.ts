// What an import file holds and what came back from it, without a component: columns known or not, rows that failed.

import type { FieldDef, ImportAnswer, ResourceDef } from '@/http/types'
import type { SheetRow } from './sheet'

/** How many rows there are is the server's to say: it reads a broken file row by row. */
export interface Preview { headings: { text: string; title: string | null; twice: boolean }[]; missing: string[]; rows: string[][] }

/** Fields a file may fill; the server knows them by title and by name. */
export function importable(fields: FieldDef[]): FieldDef[] {
  return fields.filter((f) => !f.readonly && f.writable !== false && f.name !== 'id')
}

/** The named columns; a spreadsheet keeps emptied ones behind them. */
export function headOf(table: SheetRow[]): string[] {
  const cells = table[0]?.cells ?? []
  return cells.slice(0, cells.findLastIndex((text) => text.trim() !== '') + 1)
}

export function preview(fields: FieldDef[], required: (f: FieldDef) => boolean, table: SheetRow[]): Preview {
  const [, ...rows] = table
  const head = headOf(table)
  const known = importable(fields)
  const found = head.map((text) => known.find((f) => f.name === text.trim() || f.title === text.trim()) ?? null)
  return {
    headings: head.map((text, i) => ({ text: text.trim(), title: found[i]?.title ?? null, twice: found[i] !== null && found.indexOf(found[i] ?? null) !== i })),
    missing: known.filter((f) => required(f) && !found.includes(f)).map((f) => f.title),
    rows: rows.slice(0, 5).map((r) => r.cells),
  }
}

/** The failed rows as a file to mend and send again: what the server read, and why it was not taken. Cells beyond the heading stay. */
export function failedSheet(head: string[], answer: ImportAnswer): string[][] {
  const width = Math.max(head.length, ...answer.failed.map((f) => f.cells.length))
  const filled = (cells: string[]): string[] => [...cells, ...Array<string>(width - cells.length).fill('')]
  return [
    [...filled(head), '在原文件第几行', '未导入的原因'],
    ...answer.failed.map((f) => [...filled(f.cells), String(f.row), reasonsOf(f)]),
  ]
}

/** What to write in the columns that lead to other records: a number or a name, as the server looks them up. */
export function fillingHints(fields: FieldDef[], definitionOf: (id: string) => ResourceDef | undefined): string[] {
  const ways = (id: string): string[] => {
    const target = definitionOf(id)
    const display = target?.fields.find((f) => f.name === target.display)
    const numbers = target?.fields.filter((f) => f.unique && !f.ref).map((f) => f.title) ?? []
    return [...numbers, ...(display?.ref ? ways(display.ref) : display && !display.unique ? [`${display.title}全称`] : [])]
  }
  return importable(fields).flatMap((f) => {
    const said = f.ref ? ways(f.ref) : []
    return said.length > 0 ? [`“${f.title}”填${said.join('或')}`] : []
  })
}

export function reasonsOf(failed: ImportAnswer['failed'][number]): string {
  return failed.errors.map((e) => e.message).join('；')
}
