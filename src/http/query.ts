/**
 * Reads a query without parsing all of it: `name=value` pairs between "&", with "+" for a space
 * (https://url.spec.whatwg.org/#urlencoded-parsing). What is not asked for is never decoded.
 */

/** The decoded value of the first parameter of this name; null where there is none. `query` has its "?" or is empty. */
export function readParameter(query: string, name: string): string | null {
  let start = query.startsWith('?') ? 1 : 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand === -1 ? query.length : ampersand
    const equals = query.indexOf('=', start)
    const nameEnd = equals === -1 || equals > end ? end : equals
    if (end > start && isNamed(query.slice(start, nameEnd), name)) {
      return nameEnd === end ? '' : decodeParameter(query.slice(nameEnd + 1, end))
    }
    start = end + 1
  }
  return null
}

/** How many parameters of this name there are. */
export function countParameters(query: string, name: string): number {
  const pairs = query.slice(query.startsWith('?') ? 1 : 0).split('&')
  return pairs.filter((pair) => pair !== '' && isNamed(pair.split('=', 1)[0] ?? '', name)).length
}

/** Whether a name as it stands in a query is this one once decoded. */
export function isNamed(encoded: string, name: string): boolean {
  if (encoded === name) return !/[%+]/.test(name)
  return /[%+]/.test(encoded) && decodeParameter(encoded) === name
}

/** "+" and percent-encoding undone; bytes that are not UTF-8 become U+FFFD, a stray "%" stays. */
function decodeParameter(encoded: string): string {
  const spaced = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return decodeBroken(spaced)
  }
}

function decodeBroken(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split('%'), (hex) => Number.parseInt(hex, 16))
    return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)
  })
}
