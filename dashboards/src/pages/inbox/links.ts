// A link of a message is a page of this app or a file behind the token.

export function linkTarget(href: string): { kind: 'page' | 'file'; path: string } {
  const path = href.replace(/^https?:\/\/[^/]+/, '')
  return path.startsWith('/api/v1/') ? { kind: 'file', path: path.slice('/api/v1'.length) } : { kind: 'page', path: path.startsWith('/') ? path : `/${path}` }
}
