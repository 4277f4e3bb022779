/** Reads Retry-After (RFC 9110 §10.2.3): seconds, or a date. Pure. */

/** Milliseconds from `now`, at least 0; null where the value is neither seconds nor a date. */
export function readRetryAfter(value: string, now: number): number | null {
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // Only the form with letters is a date: `Date.parse` takes much that is none.
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
