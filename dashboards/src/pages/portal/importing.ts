// What an import file holds and what came back from it, without a component: columns known or not, rows that failed.

import type { FieldDef, ImportAnswer } from '@/http/types'
import type { SheetRow } from './sheet'

export interface Preview { headings: { text: string; title: string | null; twice: boolean }[]; missing: string[]; rows: string[][]; count: number }

/** Fields a file may fill; the server knows them by title and by name. */
export function importable(fields: FieldDef[]): FieldDef[] {
  return fields.filter((f) => !f.readonly && f.writable !== false && f.name !== 'id')
}

export function preview(fields: FieldDef[], required: (f: FieldDef) => boolean, table: SheetRow[]): Preview {
  const [head, ...rows] = table
  const known = importable(fields)
  const found = (head?.cells ?? []).map((text) => known.find((f) => f.name === text.trim() || f.title === text.trim()) ?? null)
  return {
    headings: (head?.cells ?? []).map((text, i) => ({ text: text.trim(), title: found[i]?.title ?? null, twice: found[i] !== null && found.indexOf(found[i] ?? null) !== i })),
    missing: known.filter((f) => required(f) && !found.includes(f)).map((f) => f.title),
    rows: rows.slice(0, 5).map((r) => r.cells), count: rows.length,
  }
}

/** The failed rows as a file to mend and send again: what was sent, and why it was not taken. */
export function failedSheet(table: SheetRow[], answer: ImportAnswer): string[][] {
  const head = table[0]?.cells ?? []
  const byLine = new Map(table.map((r) => [r.line, r.cells]))
  return [
    [...head, '行号', '未导入的原因'],
    ...answer.failed.map((f) => {
      const cells = byLine.get(f.row) ?? []
      return [...head.map((_, i) => cells[i] ?? ''), String(f.row), reasonsOf(f)]
    }),
  ]
}

export function reasonsOf(failed: ImportAnswer['failed'][number]): string {
  return failed.errors.map((e) => e.message).join('；')
}
