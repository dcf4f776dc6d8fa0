// The one place that speaks HTTP: adds the token, reads problem+json, tells the session when it is over.

import { ApiError, asApiError, problemFrom } from './problem'

export interface Reply<T> { data: T; status: number; etag: string | null }

export interface Options {
  query?: Record<string, string | number | null | undefined> | URLSearchParams
  body?: unknown
  /** Sent as it is (file, CSV text) instead of JSON. */
  raw?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal
  /** 401 means "wrong password" here, not "session over". */
  anonymous?: boolean
}

let tokenOf: () => string | null = () => null
let onExpired: () => void = () => undefined

export function connectSession(token: () => string | null, expired: () => void): void {
  tokenOf = token
  onExpired = expired
}

export function authorization(): Record<string, string> {
  const token = tokenOf()
  return token ? { Authorization: `Bearer ${token}` } : {}
}

function address(path: string, query: Options['query']): string {
  const params = query instanceof URLSearchParams ? query : new URLSearchParams()
  if (query && !(query instanceof URLSearchParams)) {
    for (const [key, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== '') params.set(key, String(value))
    }
  }
  const text = params.toString()
  return `/api/v1${path}${text ? `?${text}` : ''}`
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...authorization(), ...options.headers }
  let body: BodyInit | undefined = options.raw
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  let response: Response
  try {
    response = await fetch(address(path, options.query), { method, headers, body, signal: options.signal })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw asApiError(error)
  }
  if (response.ok || response.status === 304) return response
  const problem = problemFrom(response.status, await response.json().catch(() => null))
  if (response.status === 401 && !options.anonymous) onExpired()
  throw problem
}

export async function request<T>(method: string, path: string, options: Options = {}): Promise<Reply<T>> {
  const response = await send(method, path, options)
  const text = response.status === 304 || response.status === 204 ? '' : await response.text()
  let data: T
  try {
    data = (text ? JSON.parse(text) : null) as T
  } catch {
    throw new ApiError(response.status, 'bad_answer', '服务器的回答无法识别，请稍后重试。')
  }
  return { data, status: response.status, etag: response.headers.get('ETag') }
}

export async function get<T>(path: string, query?: Options['query'], signal?: AbortSignal): Promise<T> {
  return (await request<T>('GET', path, { query, signal })).data
}

export async function post<T>(path: string, body?: unknown, options: Options = {}): Promise<T> {
  return (await request<T>('POST', path, { ...options, body })).data
}

/** A file behind the Bearer token, handed to the browser's own download. */
export async function download(path: string, fallbackName: string, query?: Options['query']): Promise<void> {
  await hand(await send('GET', path, { query, headers: { Accept: '*/*' } }), fallbackName)
}

/** The same for a file that is made from what is asked. */
export async function downloadAnswer(path: string, fallbackName: string, body: unknown): Promise<void> {
  await hand(await send('POST', path, { body, headers: { Accept: '*/*' } }), fallbackName)
}

async function hand(response: Response, fallbackName: string): Promise<void> {
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName(response.headers.get('Content-Disposition')) ?? fallbackName
  document.body.append(link)
  link.click()
  link.remove()
  // Revoking at once cancels the download in some browsers.
  setTimeout(() => URL.revokeObjectURL(url), 30_000)
}

export function fileName(disposition: string | null): string | null {
  if (!disposition) return null
  const star = /filename\*=(?:UTF-8'')?([^;]+)/i.exec(disposition)
  if (star?.[1]) {
    try {
      return decodeURIComponent(star[1].trim())
    } catch {
      return null
    }
  }
  const plain = /filename="?([^";]+)"?/i.exec(disposition)
  return plain?.[1]?.trim() ?? null
}
