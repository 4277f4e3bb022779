/** Binds a JSON Pointer (RFC 6901) to a reader of parsed JSON. */

/** Gives the value at the pointer, or undefined where there is none. */
export function bindPointer(pointer: string): (document: unknown) => unknown {
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  return (document) => tokens.reduce(step, document)
}

function step(value: unknown, token: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // RFC 6901 §4: an index has no leading zero; "length" and the like are no members.
  if (Array.isArray(value)) {
    return /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined
  }
  return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : undefined
}
