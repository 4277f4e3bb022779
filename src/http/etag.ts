/**
 * Entity tags and the conditions that clients make on them (RFC 9110 §8.8.3, §13.1). Tags are opaque: what is
 * written without quotes is compared as it stands, and never as a strong tag's twin. Pure.
 */
import { parseHttpDate } from './dates.ts'

/** Both strong and the same text (§8.8.3.2). */
export function matchesStrongly(a: string, b: string): boolean {
  return a === b && isStrong(a)
}

/** The same text, weak or not (§8.8.3.2). */
export function matchesWeakly(a: string, b: string): boolean {
  return opaque(a) === opaque(b)
}

export function isStrong(tag: string): boolean {
  return /^"[^"]*"$/.test(tag)
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** The tags of If-None-Match or If-Match; a comma may stand within quotes (§8.8.3). */
export function parseTags(text: string): readonly string[] {
  return (text.match(/(?:W\/)?"[^"]*"|[^\s,]+/g) ?? []) as readonly string[]
}

/** What a client asks for only if it changed, and what is there. */
export interface Validators {
  readonly etag: string | null
  readonly lastModified: string | null
}

export interface ClientConditions {
  readonly ifNoneMatch: string | undefined
  readonly ifModifiedSince: string | undefined
}

/**
 * Whether a 304 answers the request (RFC 9110 §13.2.2, RFC 9111 §4.3.2). If-None-Match alone decides where it is
 * there. `dateMs` stands in where the answer has no Last-Modified.
 */
export function isNotModified(
  { ifNoneMatch, ifModifiedSince }: ClientConditions,
  { etag, lastModified }: Validators,
  { dateMs, now }: { readonly dateMs: number; readonly now: number },
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true
    return etag !== null && parseTags(ifNoneMatch).some((tag) => matchesWeakly(tag, etag))
  }
  if (ifModifiedSince === undefined) return false
  const since = parseHttpDate(ifModifiedSince, now)
  if (since === null) return false
  const changed = lastModified === null ? dateMs : parseHttpDate(lastModified, now)
  return changed !== null && changed <= since
}

/**
 * Whether a range may be answered (RFC 9110 §13.1.5): the tag is the same and strong, or the date is exactly that
 * of Last-Modified and at least a second older than Date (§8.8.2.2).
 */
export function allowsRange(
  ifRange: string | undefined,
  { etag, lastModified }: Validators,
  { dateMs, now }: { readonly dateMs: number; readonly now: number },
): boolean {
  if (ifRange === undefined) return true
  if (ifRange.includes('"')) return etag !== null && matchesStrongly(ifRange.trim(), etag)
  const since = parseHttpDate(ifRange, now)
  if (since === null || lastModified === null) return false
  const changed = parseHttpDate(lastModified, now)
  return changed === since && dateMs - changed >= 1000
}
