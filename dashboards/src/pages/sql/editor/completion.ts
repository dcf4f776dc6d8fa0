// What the editor proposes: tables and columns of the catalog, by their SQL name and by their Chinese title.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { CatalogColumn, CatalogTable } from '@/http/types'

const TYPES: Record<string, string> = { text: '文本', integer: '整数', decimal: '小数', float: '小数', date: '日期', timestamp: '时间', boolean: '是否' }

/** `decimal(12,2)` → `小数`. */
export function typeWord(type: string): string {
  return TYPES[type.replace(/\(.*$/, '')] ?? type
}

export function columnNote(column: CatalogColumn): string {
  const words = [column.title, typeWord(column.type)]
  if (column.treatment !== 'clear') words.push(column.treatment_label)
  return words.join(' · ')
}

/** Names that are no plain lower-case word must be quoted, or the engine folds or misreads them. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function byName(column: CatalogColumn): Completion {
  return { label: column.name, apply: quoted(column.name), detail: columnNote(column), type: 'property', boost: 2 }
}
/** Somebody who thinks 实付金额 types that; what is written is the column's name. */
function byTitle(column: CatalogColumn): Completion {
  return { label: column.title, displayLabel: column.name, apply: quoted(column.name), detail: columnNote(column), type: 'property', boost: 1 }
}
function tableEntries(table: CatalogTable): Completion[] {
  const shared = { apply: quoted(table.name), detail: table.title, type: 'class', info: table.description || undefined }
  return [{ label: table.name, ...shared, boost: 1 }, { label: table.title, displayLabel: table.name, ...shared }]
}

/** Tables of the text with the names they go by: `benefit_transaction t` → `t`. */
export function mentioned(text: string, tables: CatalogTable[]): Map<string, CatalogTable> {
  const found = new Map<string, CatalogTable>()
  const pattern = /\b(?:from|join)\s+("?[\w]+"?)(?:\s+(?:as\s+)?("?[a-z_]\w*"?))?|,\s*("?[\w]+"?)(?:\s+(?:as\s+)?("?[a-z_]\w*"?))?/gi
  const reserved = /^(where|group|order|having|limit|on|using|join|left|right|inner|full|cross|union|as|and|or|natural|offset)$/i
  const plain = (name: string | undefined): string => (name ?? '').replaceAll('"', '')
  for (const match of text.matchAll(pattern)) {
    const table = tables.find((t) => t.name === plain(match[1] ?? match[3]).toLowerCase())
    if (!table) continue
    const alias = plain(match[2] ?? match[4])
    found.set(alias && !reserved.test(alias) ? alias : table.name, table)
    found.set(table.name, table)
  }
  return found
}

const WORD = /[\w\u3400-\u9fff]*$/

/** Completes `alias.`, then columns of the tables named in the statement, then tables. */
export function catalogSource(tables: CatalogTable[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - 200), context.pos)
    const qualified = /([\w"]+)\.([\w\u3400-\u9fff]*)$/.exec(before)
    const word = WORD.exec(before)?.[0] ?? ''
    const from = context.pos - word.length
    const known = mentioned(context.state.doc.toString(), tables)
    if (qualified) {
      const table = known.get((qualified[1] ?? '').replaceAll('"', ''))
      if (!table) return null
      return { from, options: table.columns.flatMap((c) => [byName(c), byTitle(c)]), validFor: WORD }
    }
    if (!word && !context.explicit) return null
    const wantsTable = /\b(?:from|join|,)\s+[\w\u3400-\u9fff]*$/i.test(before)
    const columns = [...new Set(known.values())].flatMap((t) => t.columns).filter((c, i, all) => all.findIndex((o) => o.name === c.name) === i)
    const options = [...(wantsTable ? [] : columns.flatMap((c) => [byName(c), byTitle(c)])), ...tables.flatMap(tableEntries)]
    return { from, options, validFor: WORD }
  }
}
