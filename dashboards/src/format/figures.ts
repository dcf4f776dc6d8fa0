// How numbers are written on screen: 万 / 亿, thousands separators, two decimals at most, `—` for missing.
// No indicator is computed here; values arrive finished from the server.

export type Cell = number | string | boolean | null | undefined
export type ValueType = 'integer' | 'decimal' | 'percent' | 'ratio' | 'text' | 'date' | string

export const MISSING = '—'

export interface Figure {
  /** The digits, e.g. `1,234.56`; `—` when missing. */
  text: string
  /** `万`, `亿` or empty. */
  scale: string
  /** Unit as it follows the scale: `笔`, `元`, `%`. */
  unit: string
  /** The exact value with its unit, for hover and screen readers. */
  exact: string
  missing: boolean
}

/** Money and percent arrive as decimal text; this is only for drawing and rounding on screen. */
export function toNumber(value: Cell): number | null {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return null
  const n = typeof value === 'number' ? value : Number(value)
  return Number.isFinite(n) ? n : null
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** Thousands separators put into decimal text without going through a float. */
export function exactText(value: Cell): string {
  if (value === null || value === undefined || value === '') return MISSING
  const text = typeof value === 'number' ? plain(value) : String(value)
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(text)
  if (!match) return text
  return `${match[1]}${group(match[2] ?? '')}${match[3] ?? ''}`
}

function plain(n: number): string {
  return Number.isInteger(n) ? n.toFixed(0) : String(n)
}

/** Half away from zero, as the server, the workbooks and the printed reports round; `shift` moves the point (2 for percent). */
function rounded(n: number, decimals: number, shift = 0): string {
  // On the decimal text: 0.5795 * 100 is 57.949999999999996.
  const [digits = '0', power = '0'] = String(Math.abs(n)).split('e')
  const units = Math.round(Number(`${digits}e${Number(power) + decimals + shift}`))
  const fixed = Number(`${units}e-${decimals}`).toFixed(decimals)
  const [whole = '0', fraction] = fixed.split('.')
  const sign = n < 0 && units !== 0 ? '-' : ''
  return `${sign}${group(whole)}${fraction ? `.${fraction}` : ''}`
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

export function figure(value: Cell, type: ValueType, unit = ''): Figure {
  const n = toNumber(value)
  const shownUnit = type === 'percent' || type === 'ratio' ? '%' : unit
  if (n === null) {
    return { text: MISSING, scale: '', unit: shownUnit, exact: '没有数据', missing: true }
  }
  if (type === 'ratio') {
    const percent = rounded(n, 1, 2)
    return { text: percent, scale: '', unit: '%', exact: `${percent}%`, missing: false }
  }
  if (type === 'percent') {
    return { text: rounded(n, 2), scale: '', unit: '%', exact: `${exactText(value)}%`, missing: false }
  }
  const exact = `${exactText(value)}${unit ? ` ${unit}` : ''}`
  const size = Math.abs(n)
  if (size >= 1e8) return { text: rounded(n, 2, -8), scale: '亿', unit, exact, missing: false }
  if (size >= 1e4) return { text: rounded(n, 2, -4), scale: '万', unit, exact, missing: false }
  const text = Number.isInteger(n) && type === 'integer' ? rounded(n, 0) : rounded(n, 2)
  return { text, scale: '', unit, exact, missing: false }
}

/** One line: `1,234.56万`, `93.21%`, `—`. */
export function short(value: Cell, type: ValueType): string {
  const f = figure(value, type)
  if (f.missing) return MISSING
  return `${f.text}${f.scale}${f.unit === '%' ? '%' : ''}`
}

/** Axis and legend numbers: `12万`, `1.5亿`, `80`. */
export function axisText(n: number): string {
  const size = Math.abs(n)
  if (size >= 1e8) return `${trimZeros(rounded(n, 2, -8))}亿`
  if (size >= 1e4) return `${trimZeros(rounded(n, 2, -4))}万`
  return trimZeros(rounded(n, 2))
}

export type Tone = 'good' | 'bad' | 'flat'
export interface Change {
  text: string
  arrow: '▲' | '▼' | ''
  tone: Tone
  /** For screen readers: `上升`, `下降`, `持平`. */
  word: string
}

/** Whether growth is good: the indicator says so, the browser only reads it. */
export function growthIsGood(direction: string | null | undefined): boolean | null {
  if (!direction) return null
  if (/(^|_)(up|higher|high|increase|more|positive)/i.test(direction)) return true
  if (/(^|_)(down|lower|low|decrease|less|negative)/i.test(direction)) return false
  return null
}

/** A rate changes by percentage points, everything else by a ratio; the column of the answer says which. */
export interface ChangeColumn { type?: string; unit?: string | null }

function inPoints(column: ChangeColumn | undefined): boolean {
  return column?.unit === '百分点' || column?.type === 'points'
}

/** Arrow = direction of the change, tone = good or bad by the indicator, text = its size: the arrow is the sign. */
export function change(value: Cell, direction?: string | null, column?: ChangeColumn): Change {
  const n = toNumber(value)
  if (n === null) return { text: MISSING, arrow: '', tone: 'flat', word: '无可比数据' }
  const points = inPoints(column)
  const size = points ? rounded(Math.abs(n), 2) : rounded(Math.abs(n), 1, 2)
  const text = points ? `${size} 百分点` : `${size}%`
  if (Number(size.replaceAll(',', '')) === 0) return { text: '持平', arrow: '', tone: 'flat', word: '' }
  const up = n > 0
  const good = growthIsGood(direction)
  const tone: Tone = good === null ? 'flat' : good === up ? 'good' : 'bad'
  return { text, arrow: up ? '▲' : '▼', tone, word: up ? '上升' : '下降' }
}

export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return MISSING
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${rounded(size / 1024, 0)} KB`
  return `${rounded(size / 1024 / 1024, 1)} MB`
}

/** A share of the whole, as the server computed it. */
export function share(ratio: Cell): string {
  const n = toNumber(ratio)
  return n === null ? MISSING : `${rounded(n, 1, 2)}%`
}
