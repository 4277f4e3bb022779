/** Reads the Cookie field of a request (RFC 6265 §5.4). */

/** The first cookie of this name, without the quotes that may stand around it; null where there is none. */
export function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  // Most requests do not have the cookie that is asked for: one search instead of a split.
  if (!header.includes(name)) return null
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue
    const value = pair.slice(equals + 1).trim()
    return value.length > 1 && value.startsWith('"') && value.endsWith('"')
      ? value.slice(1, -1)
      : value
  }
  return null
}

/** How many cookies of this name there are. */
export function countCookies(header: string | undefined, name: string): number {
  if (header === undefined) return 0
  return header.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() === name).length
}
