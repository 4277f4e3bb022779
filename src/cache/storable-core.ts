/** Whether an answer may be stored, and for how long it is worth keeping (RFC 9111 §3). Pure. */
import { type Directives, fieldsNamedBy, isUnqualified } from '../http/cache-control.ts'
import type { AnswerHead } from './answer.ts'
import { joined } from './fields.ts'
import { ageOf, type Freshness } from './freshness-core.ts'
import type { CacheRules } from './rules.ts'

export interface Asked {
  readonly method: string
  readonly hasAuthorization: boolean
  /** Cache-Control of the request. */
  readonly directives: Directives
}

export interface Judged {
  readonly head: AnswerHead
  readonly freshness: Freshness
  readonly asked: Asked
  /** Whether the service's answer had a Set-Cookie. */
  readonly hasCookies: boolean
  /** `*` where Vary says so. */
  readonly vary: readonly string[] | '*'
  /** False for a store of one caller's own. */
  readonly shared: boolean
}

export type Storability =
  | { readonly kind: 'storable'; readonly keepSeconds: number; readonly freshSeconds: number }
  /** `why` is a token for Cache-Status. */
  | { readonly kind: 'unstorable'; readonly why: string }

/** Final statuses of RFC 9110 §15: what `must-understand` asks of a cache (§5.2.2.3). */
const understood = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405,
  406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503,
  504, 505,
])

export function judgeStorable(judged: Judged, rules: CacheRules, now: number): Storability {
  const why = obstacle(judged, rules)
  if (why !== null) return { kind: 'unstorable', why }
  const { head, freshness } = judged
  const freshSeconds = Math.max(0, (freshness.lifetimeMs - ageOf(head, now)) / 1000)
  const isValidatable = hasValidator(head)
  const grace = Math.max(
    freshness.whileRevalidate,
    freshness.ifError,
    isValidatable ? VALIDATABLE_SECONDS : 0,
  )
  const isUseful =
    freshSeconds > 0 || (freshness.explicit && grace > 0) || (freshness.noCache && isValidatable)
  if (!isUseful) return { kind: 'unstorable', why: 'no-lifetime' }
  return {
    kind: 'storable',
    freshSeconds,
    keepSeconds: Math.min(MOST_SECONDS, Math.ceil(freshSeconds) + Math.max(grace, STALE_SECONDS)),
  }
}

// What can be confirmed by a 304 is worth its place for a day beyond its lifetime.
const VALIDATABLE_SECONDS = 86_400
// What cannot still serves clients that take stale answers, and has what a HEAD may bring up to date.
const STALE_SECONDS = 60
// A year: stores have bounds of their own, and the largest delta-seconds is 68.
const MOST_SECONDS = 31_536_000

function obstacle(judged: Judged, rules: CacheRules): string | null {
  const { head, asked, shared } = judged
  const { directives } = judged.freshness
  const { status } = head
  if (asked.directives.has('no-store')) return 'request-no-store' // §5.2.1.5
  // What answers HEAD has no body to keep (RFC 9110 §9.3.2).
  if (asked.method === 'HEAD') return 'method'
  if (status < 200 || status === 206 || status === 304) return 'status' // §3: final; parts are not kept.
  if (rules.statuses !== null && !rules.statuses.has(status)) return 'status'
  if (judged.vary === '*') return 'vary' // §4.1: it would match no request.
  if (judged.hasCookies && !rules.stripCookies) return 'set-cookie'
  if (head.length !== null && head.length > rules.maxBodyBytes) return 'too-large'
  if (shared && isUnqualified(directives, 'private')) return 'private' // §5.2.2.7
  const isOverridden =
    rules.override && (rules.ttlSeconds !== null || rules.ttlByStatus.has(status))
  if (!isOverridden) {
    const mustUnderstand = directives.has('must-understand') // §5.2.2.3
    if (mustUnderstand && !understood.has(status)) return 'not-understood'
    if (directives.has('no-store') && !mustUnderstand) return 'no-store' // §5.2.2.5
  }
  if (shared && asked.hasAuthorization && !allowsAuthorized(directives)) return 'authorization' // §3.5
  if (asked.method !== 'GET' && !judged.freshness.explicit) return 'method' // RFC 9110 §9.3.3
  return null
}

/** §3.5: the service says that the answer is everybody's, or takes the checking on itself. */
function allowsAuthorized(directives: Directives): boolean {
  return directives.has('public') || directives.has('must-revalidate') || directives.has('s-maxage')
}

export function hasValidator({ fields }: AnswerHead): boolean {
  return joined(fields, 'etag') !== null || joined(fields, 'last-modified') !== null
}

/** Fields of one connection, or meant for one hop, are never stored (§3.1). */
const unstored = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The fields of an answer that are kept: those of one hop, those that Connection names, and those that `no-cache`
 * or `private` keeps from being used again, stay behind (§3.1, §5.2.2.4, §5.2.2.7).
 */
export function keptFields(
  fields: Iterable<readonly [string, string]>,
  {
    directives,
    namedByConnection,
    shared,
  }: {
    readonly directives: Directives
    readonly namedByConnection: readonly string[]
    readonly shared: boolean
  },
): AnswerHead['fields'] {
  const left = new Set(namedByConnection)
  for (const name of fieldsNamedBy(directives, 'no-cache') ?? []) left.add(name)
  if (shared) for (const name of fieldsNamedBy(directives, 'private') ?? []) left.add(name)
  const kept: (readonly [string, string])[] = []
  for (const field of fields) if (!unstored.has(field[0]) && !left.has(field[0])) kept.push(field)
  return kept
}
