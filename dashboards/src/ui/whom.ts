// Whom to ask, in one place: rights and data ranges are given by the security administrator, the running of the system is
// the system administrator's. The server's refusals use the same names.

export const WHO_GRANTS = '安全管理员'
export const WHO_RUNS = '系统管理员'

export function lacking(right: string): string {
  return `缺少“${right}”权限，如工作需要请联系${WHO_GRANTS}授权。`
}
