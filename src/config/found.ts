/** Shows an operator what stands in the document: short, and never what may be a secret. */
import type { Path } from './json.ts'

/** What was found, as it reads after "found": `"60s"`, `a list`, `nothing`. */
export function showFound(value: unknown, path: Path): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing'
    case 'string':
      return path.some(isPrivate) ? 'text' : showText(value)
    case 'number':
    case 'boolean':
      return path.some(isPrivate) ? `a ${typeof value}` : String(value)
    default:
      if (value === null) return 'null'
      return Array.isArray(value) ? `a list of ${value.length}` : 'an object'
  }
}

// Under these keys stand values of header fields, of queries and of bodies, and credentials.
const PRIVATE_KEY =
  /header|query|cookie|secret|token|passw|credential|auth|api.?key|^key$|^set$|^add$|^prefix$|^json$|^body$|^jwks?$/i

const isPrivate = (key: string | number) => typeof key === 'string' && PRIVATE_KEY.test(key)

const MAX_SHOWN = 40 // Enough to know it again, short enough for one line.

function showText(text: string): string {
  // A URL may carry a password or a token.
  const safe = text.replace(/\/\/[^/@]*@/, '//***@').replace(/(:\/\/[^?]*\?).*/s, '$1…')
  const cut = safe.length > MAX_SHOWN ? `${safe.slice(0, MAX_SHOWN - 1)}…` : safe
  return JSON.stringify(cut)
}
