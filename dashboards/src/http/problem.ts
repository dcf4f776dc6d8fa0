// Errors as the server tells them (RFC 9457), and the sentence a person reads.

import { WHO_GRANTS } from '@/ui/whom'

export interface FieldError { field: string; code?: string; message: string }

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: FieldError[] = [],
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message)
  }

  get refused(): boolean { return this.status === 403 }
  get conflict(): boolean { return this.status === 409 || this.status === 412 }
}

const FALLBACK: Record<number, string> = {
  0: '无法连接服务器，请检查网络后重试。',
  400: '请求内容有误，请检查后重试。',
  401: '登录已失效，请重新登录。',
  403: `当前账号没有这项权限，如工作需要请联系${WHO_GRANTS}授权。`,
  404: '没有找到，可能已删除或不在您的数据范围内。',
  409: '与现有记录冲突，请检查后重试。',
  412: '记录已被他人修改，请核对后再保存。',
  413: '文件过大，请拆分后再上传。',
  422: '填写内容有误，请按提示修改。',
  423: '账号已锁定，请稍后再试。',
  429: '操作过于频繁，请稍后再试。',
  503: '服务正在启动或维护，请稍后重试。',
}

export function problemFrom(status: number, body: unknown): ApiError {
  const b = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const text = (key: string): string => (typeof b[key] === 'string' ? (b[key] as string) : '')
  const message = text('detail') || text('title') || FALLBACK[status] || '服务器出错，请稍后重试。'
  const errors: FieldError[] = []
  if (Array.isArray(b.errors)) {
    for (const e of b.errors as Record<string, unknown>[]) {
      if (typeof e?.field === 'string') {
        errors.push({ field: e.field, code: String(e.code ?? ''), message: String(e.message ?? message) })
      }
    }
  }
  if (errors.length === 0 && text('field')) errors.push({ field: text('field'), code: text('code'), message })
  return new ApiError(status, text('code') || `http_${status}`, message, errors, b)
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError(0, 'network', FALLBACK[0] ?? '')
}
