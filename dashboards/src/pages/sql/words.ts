// Words of the page that need no component: how long it took, what the result is called.

/** `38 毫秒`, `2.4 秒`. */
export function took(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} 毫秒` : `${(ms / 1000).toFixed(1)} 秒`
}

/** `benefit_transaction@12,district@1` with the titles of the catalog. */
export function versions(text: string | undefined, titles: Map<string, string>): string {
  const parts = (text ?? '').split(',').filter(Boolean)
  if (parts.length === 0) return '不涉及数据表'
  return parts.map((part) => {
    const [table = '', version = ''] = part.split('@')
    return `${titles.get(table) ?? table}@${version}`
  }).join('、')
}
