// Which of several statements in the editor is meant, and where in it a fault lies.

export interface Piece { text: string; from: number }

/** Cuts at semicolons outside quotes and comments; offsets are those of the whole text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let start = 0
  const close = (end: number): void => {
    const raw = text.slice(start, end)
    const lead = raw.length - raw.trimStart().length
    if (raw.trim()) found.push({ text: raw.trim(), from: start + lead })
    start = end + 1
  }
  const token = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g
  for (const match of text.matchAll(token)) if (match[0] === ';') close(match.index)
  close(text.length)
  return found
}

/** The selected text, or the statement the cursor stands in or just behind. */
export function chosen(text: string, from: number, to: number): Piece | null {
  if (text.slice(from, to).trim()) {
    const raw = text.slice(from, to)
    return { text: raw.trim(), from: from + raw.length - raw.trimStart().length }
  }
  const all = pieces(text)
  return all.find((p) => from <= p.from + p.text.length + 1) ?? all.at(-1) ?? null
}

export interface Place { from: number; to: number }

/** Line and column (from 1, in characters of the statement) as a stretch of it: the word that stands there. */
export function placeAt(statement: string, line: number, column: number): Place | null {
  const lines = statement.split('\n')
  const row = lines[line - 1]
  if (row === undefined) return null
  const before = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0)
  const from = before + Math.min(Math.max(0, [...row].slice(0, column - 1).join('').length), row.length)
  const word = /^[\w\u3400-\u9fff]+/.exec(statement.slice(from))?.[0].length ?? 1
  return { from, to: Math.min(statement.length, from + word) }
}

/** The first place where a name stands as a word of its own. */
export function placeOf(statement: string, name: string): Place | null {
  const last = name.split('.').at(-1) ?? name
  const escaped = last.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const match = new RegExp(`(?<![\\w\u3400-\u9fff])${escaped}(?![\\w\u3400-\u9fff])`, 'i').exec(statement)
  return match ? { from: match.index, to: match.index + match[0].length } : null
}
