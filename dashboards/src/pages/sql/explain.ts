// The engine's complaint in the words of the office: what is wrong, where, what to do. Unknown ones stay as they came.

import { placeAt, placeOf, type Place } from './editor/statement'

export interface Fault { message: string; place: Place | null; line: number | null; original: string | null }

type Rule = [RegExp, (m: RegExpExecArray) => string, ((m: RegExpExecArray) => string)?]

// Pattern, sentence, and the name to look for when the engine gives no line.
const RULES: Rule[] = [
  [/Unterminated string literal/i, () => '文本缺少结尾的单引号，请补上。'],
  [/Expected: (.+?), found: EOF/i, () => '语句没有写完，请补全后再运行。'],
  [/Expected: (?:.+?), found: (.+?) at Line/i, (m) => `读到“${m[1]}”时看不懂了，请检查此处及之前的拼写、逗号和括号。`],
  [/没有列“(?:[^”]*\.)?([^”.]+)”(.*)/, (m) => `没有“${m[1]}”这一列${m[2]}`, (m) => m[1] ?? ''],
  [/列“([^”]+)”在几张表中都有/, (m) => `几张表都有“${m[1]}”列，请写明是哪张表的，例如 t.${m[1]}。`, (m) => m[1] ?? ''],
  [/No field named "?([\w."]+?)"?\.(?: Did you mean '([^']+)')?/i, (m) => `没有“${bare(m[1])}”这一列${m[2] ? `，是不是 ${m[2]}` : ''}。可用的列见表目录。`, (m) => bare(m[1])],
  [/table '(?:\w+\.)*(\w+)' not found/i, (m) => `没有“${m[1]}”这张表，可用的表见表目录。`, (m) => m[1] ?? ''],
  [/Invalid function '(\w+)'/i, (m) => `没有“${m[1]}”这个函数，请检查拼写。`, (m) => m[1] ?? ''],
  [/must appear in the GROUP BY|must be in GROUP BY/i, () => 'SELECT 中没有汇总的列，须写进 GROUP BY。'],
  [/Divide by zero/i, () => '计算中出现除以零，可把分母写成 nullif(分母, 0)。'],
  [/Cannot cast|Cast error|Parser error: Error parsing/i, () => '有值不能转换成要求的类型，可改用 try_cast(… as …)，转换不了的得到空值。'],
  [/Function '(\w+)' (?:failed to match|requires)/i, (m) => `函数 ${m[1]} 不能用于这种类型的列，请先转换类型。`, (m) => m[1] ?? ''],
  [/Ambiguous reference to (?:unqualified )?field "?(\w+)"?/i, (m) => `几张表都有“${m[1]}”列，请写明是哪张表的，例如 t.${m[1]}。`, (m) => m[1] ?? ''],
]

function bare(name: string | undefined): string {
  return (name ?? '').replaceAll('"', '')
}

export function explain(detail: string, statement: string): Fault {
  const at = /at Line: (\d+),? Column: (\d+)/i.exec(detail)
  const line = at ? Number(at[1]) : null
  const spot = at ? placeAt(statement, Number(at[1]), Number(at[2])) : null
  for (const [pattern, sentence, name] of RULES) {
    const match = pattern.exec(detail)
    if (!match) continue
    const place = spot ?? (name ? placeOf(statement, name(match)) : /EOF/.test(detail) ? { from: Math.max(0, statement.length - 1), to: statement.length } : null)
    return { message: sentence(match), place, line: line ?? (place ? lineOf(statement, place.from) : null), original: engine(detail) }
  }
  return { message: detail, place: spot, line, original: null }
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

/** The engine's own words, without the wrapping, for whoever looks them up. */
function engine(detail: string): string {
  return detail.replace(/^查询不能执行：/, '').replace(/^(?:SQL error: )?(?:ParserError|TokenizerError)\("(.*)"\)$/s, '$1').slice(0, 400)
}
