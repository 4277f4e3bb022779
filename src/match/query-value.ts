/** Reads a parameter of a raw query as forms write it: "+" is a space (application/x-www-form-urlencoded). */

/** The decoded value of the first parameter of this name, or undefined; `query` is with its "?", or empty. */
export function firstQueryValue(query: string, name: string): string | undefined {
  let from = 1
  while (from < query.length) {
    const ampersand = query.indexOf('&', from)
    const end = ampersand === -1 ? query.length : ampersand
    const equals = query.indexOf('=', from)
    const nameEnd = equals === -1 || equals > end ? end : equals
    // A parameter with neither name nor value is none: "?", "a&&b".
    if (end > from && decodeFormText(query.slice(from, nameEnd)) === name) {
      return decodeFormText(query.slice(Math.min(nameEnd + 1, end), end))
    }
    from = end + 1
  }
  return undefined
}

function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    // The URL standard keeps a "%" that begins no escape, and replaces what is no UTF-8.
    return new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? text
  }
}
