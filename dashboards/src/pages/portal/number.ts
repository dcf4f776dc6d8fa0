// A number as it is typed, as the server takes it: a point before decimals, commas only at every third digit. What could
// be read in two ways ("12,50") is no number here either; nothing is taken out of it in silence.

/** Digits with at most a point; nothing if the text is no such number. */
export function plainNumber(text: string): string | null {
  const bare = text.normalize('NFKC').trim().replace(/^[¥]\s*/, '').replace(/\s*元$/, '')
  if (/^-?\d+(\.\d+)?$/.test(bare)) return bare
  return !text.includes('，') && /^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(bare) ? bare.replaceAll(',', '') : null
}

/** What is wrong with a text that is no number. */
export const misread = (text: string, otherwise: string): string =>
  /[,，]/.test(text) ? '逗号会有歧义：小数点请用“.”，如 12.50；千分位须每三位一个逗号，如 1,234.50' : otherwise
