// A short code for the state of the data: the same code, the same data. A sum or a count would not tell two states apart.

/** Six hex digits of a hash (FNV-1a with a last mixing, so that every digit follows every change) of all table versions.
 *  Not WebCrypto: it is missing where the office serves the pages without TLS. */
export function versionCode(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0').slice(0, 6)
}
