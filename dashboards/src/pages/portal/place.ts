// Where one was in a list: 返回列表 leads there, with filters, sort, page, the row one had opened and how far one had
// scrolled. Kept in the tab only.

const LIST = 'pujiang.list.'
const ROW = 'pujiang.row.'

export function keepPlace(resource: string, fullPath: string): void {
  sessionStorage.setItem(LIST + resource, fullPath)
}

export function listPath(resource: string): string {
  const plain = `/portal/${resource}`
  const kept = sessionStorage.getItem(LIST + resource)
  return kept === plain || kept?.startsWith(`${plain}?`) ? kept : plain
}

/** The row, and how far the list in its frame (on a desk) or the page (on a phone) was scrolled. */
export interface OpenedRow { id: string; frame: number; page: number }

export function keepRow(resource: string, row: OpenedRow): void {
  sessionStorage.setItem(ROW + resource, JSON.stringify(row))
}

export function takeRow(resource: string): OpenedRow | null {
  const kept = sessionStorage.getItem(ROW + resource)
  sessionStorage.removeItem(ROW + resource)
  try {
    return kept ? (JSON.parse(kept) as OpenedRow) : null
  } catch {
    // A tab that is open since an earlier release may hold the bare id.
    return null
  }
}
