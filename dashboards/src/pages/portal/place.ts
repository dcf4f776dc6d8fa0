// Where one was in a list: 返回列表 leads there, with filters, sort, page and the row one had opened. Kept in the tab only.

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

export function keepRow(resource: string, id: string): void {
  sessionStorage.setItem(ROW + resource, id)
}

export function takeRow(resource: string): string | null {
  const id = sessionStorage.getItem(ROW + resource)
  sessionStorage.removeItem(ROW + resource)
  return id
}
