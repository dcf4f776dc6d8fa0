// Takes the server's refusal apart: the sentence, the place in the statement it speaks of, the engine's own words behind.
// What is wrong and what to do is the server's to say; this file only finds where.

import { placeAt, placeOf, type Place } from './editor/statement'

export interface Fault { message: string; place: Place | null; line: number | null; original: string | null }

// What the sentence names, when the engine gives no line.
const NAMES = [/没有列“(?:[^”]*\.)?([^”.]+)”/, /列“([^”]+)”在几张表中都有/, /没有“([^”]+)”这(?:张表|个函数)/, /Ambiguous reference to (?:unqualified )?field "?(\w+)"?/]

export function explain(detail: string, statement: string): Fault {
  const said = /^(.*?)（(.*[A-Za-z]{3}.*)）$/s.exec(detail)
  const at = /at Line: (\d+),? Column: (\d+)/i.exec(detail)
  const place = (at ? placeAt(statement, Number(at[1]), Number(at[2])) : null) ?? named(detail, statement)
  return {
    message: `${(said?.[1] ?? detail).replace(/^查询不能执行：/, '').replace(/。$/, '')}。`,
    place,
    line: at ? Number(at[1]) : place ? lineOf(statement, place.from) : null,
    original: said?.[2] ?? null,
  }
}

function named(detail: string, statement: string): Place | null {
  if (/found: EOF/.test(detail)) return { from: Math.max(0, statement.length - 1), to: statement.length }
  const name = NAMES.map((pattern) => pattern.exec(detail)?.[1]).find((found) => found !== undefined)
  return name ? placeOf(statement, name) : null
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
