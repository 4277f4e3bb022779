/**
 * Which field says how a shared cache on the service's side behaves (RFC 9213): `Isogate-Cache-Control` before
 * `CDN-Cache-Control` before `Cache-Control`. Targeted fields are structured dictionaries; one that is malformed
 * or empty is as if it were not there (§2.1). Pure.
 */
import { type Directives, noDirectives, parseCacheControl } from './cache-control.ts'
import { type BareItem, parseDictionary } from './structured-fields.ts'

/** In the order in which they are asked (§2.2). */
const targetList = ['isogate-cache-control', 'cdn-cache-control'] as const

/** What has to go beside a `Cache-Control: no-store`, for caches that ask these first. */
export const targetedFields = [...targetList, 'cloudflare-cdn-cache-control', 'surrogate-control']

export interface Governing {
  readonly directives: Directives
  /** Expires and Cache-Control count for nothing where a targeted field speaks (§2.1). */
  readonly targeted: boolean
}

/** `field` gives the lines of a field joined by commas, or null. */
export function governingDirectives(field: (name: string) => string | null): Governing {
  for (const name of targetList) {
    const text = field(name)
    if (text === null) continue
    const directives = parseTargeted(text)
    if (directives !== null) return { directives, targeted: true }
  }
  const plain = field('cache-control')
  return { directives: plain === null ? noDirectives : parseCacheControl(plain), targeted: false }
}

/** The directives, or null where the field is to be ignored. */
function parseTargeted(text: string): Directives | null {
  const dictionary = parseDictionary(text)
  if (dictionary === null || dictionary.size === 0) return null
  const directives = new Map<string, string | null>()
  for (const [name, member] of dictionary) {
    if (member.kind === 'list') continue
    const value = readItem(name, member.value)
    if (value !== undefined) directives.set(name, value)
  }
  return directives
}

const numeric = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

/** Undefined where a directive has another type than its own: it is ignored, the rest counts. */
function readItem(name: string, item: BareItem): string | null | undefined {
  if (numeric.has(name)) {
    return item.kind === 'integer' && item.value >= 0 ? String(item.value) : undefined
  }
  switch (item.kind) {
    case 'boolean':
      return item.value ? null : undefined
    case 'string':
    case 'token':
      return item.value
    default:
      return undefined
  }
}
