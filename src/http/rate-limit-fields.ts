/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10) as structured-field lists, and the older
 * X-RateLimit fields, which no document defines. Pure.
 */

/** What a policy allows. */
export interface QuotaPolicy {
  readonly name: string
  readonly quota: number
  /** Null where it is no rate: requests at the same time. */
  readonly windowSeconds: number | null
}

/** What is left of it now. */
export interface ServiceLimit {
  readonly name: string
  readonly remaining: number
  /** Until more can be had; null while some can be had, and where nothing ever can. */
  readonly resetMs: number | null
}

// Integers of structured fields have up to 15 digits (RFC 9651 §3.3.1).
const MAX_INTEGER = 999_999_999_999_999

/** An item of RateLimit-Policy. */
export function writePolicy({ name, quota, windowSeconds }: QuotaPolicy): string {
  const unit = windowSeconds === null ? ';qu="concurrent-requests"' : `;w=${windowSeconds}`
  return `${quote(name)};q=${integer(quota)}${unit}`
}

/** An item of RateLimit. `t` only stands there while nothing can be had. */
export function writeLimit({ name, remaining, resetMs }: ServiceLimit): string {
  const r = integer(remaining)
  const reset = r === 0 && resetMs !== null ? `;t=${wholeSeconds(resetMs)}` : ''
  return `${quote(name)};r=${r}${reset}`
}

/** Whole seconds that are over no earlier than the time is: what Retry-After says too, so at least one. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

function integer(value: number): number {
  return Math.max(0, Math.min(MAX_INTEGER, Math.floor(value)))
}

/** A string (RFC 9651 §4.1.6); what it cannot carry is a question mark. */
function quote(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/gu, '?').replace(/["\\]/g, '\\$&')}"`
}
