/** Whether a stored answer may answer a request without asking the service (RFC 9111 §4, RFC 5861). Pure. */
import { type Directives, secondsOf } from '../http/cache-control.ts'
import type { AnswerHead } from './answer.ts'
import { agedBy, type Freshness } from './freshness-core.ts'

/** What a client says of how it wants to be answered (RFC 9111 §5.2.1). */
export interface Wish {
  readonly directives: Directives
  /** Pragma, where there is no Cache-Control (§5.4). */
  readonly pragmaNoCache: boolean
}

export interface Standing {
  readonly ageMs: number
  /** Seconds that are left, rounded down; negative once stale. */
  readonly ttl: number
}

export type Reuse = Standing &
  (
    | { readonly kind: 'fresh' }
    /** Stale, and the client takes it so (§5.2.1.2). */
    | { readonly kind: 'taken-stale' }
    /** Stale: answers now, and is looked after in the background (RFC 5861 §3). */
    | { readonly kind: 'refreshed-behind' }
    /** The service has to be asked: since it is stale, or since the request wants it so. */
    | { readonly kind: 'unusable'; readonly because: 'stale' | 'request' }
  )

export function decideReuse(
  head: AnswerHead,
  freshness: Freshness,
  wish: Wish | null,
  now: number,
): Reuse {
  const ageMs = agedBy(head, freshness.initialAgeMs, now)
  const leftMs = freshness.lifetimeMs - ageMs
  const standing = { ageMs, ttl: Math.floor(leftMs / 1000) }
  const isFresh = leftMs > 0 // §4.2: fresh while the lifetime exceeds the age.
  if (freshness.noCache) return { kind: 'unusable', because: 'stale', ...standing } // §5.2.2.4
  const refused = wish !== null && refuses(wish, freshness, ageMs, leftMs)
  if (refused) return { kind: 'unusable', because: 'request', ...standing }
  if (isFresh) return { kind: 'fresh', ...standing }
  if (freshness.mustRevalidate) return { kind: 'unusable', because: 'stale', ...standing } // §4.2.4
  if (wish !== null && takesStale(wish, -leftMs)) return { kind: 'taken-stale', ...standing }
  if (-leftMs < freshness.whileRevalidate * 1000) return { kind: 'refreshed-behind', ...standing }
  return { kind: 'unusable', because: 'stale', ...standing }
}

/** Whether the request itself wants the service to be asked. */
function refuses(wish: Wish, freshness: Freshness, ageMs: number, leftMs: number): boolean {
  const { directives, pragmaNoCache } = wish
  if (directives.has('no-cache') || pragmaNoCache) return true // §5.2.1.4
  const maxAge = secondsOf(directives, 'max-age')
  // RFC 8246 §2: what never changes while it is fresh need not be asked for.
  const immutable = freshness.directives.has('immutable') && leftMs > 0
  if (maxAge !== null && !immutable) {
    const most = maxAge === 'invalid' ? 0 : maxAge
    if (ageMs > most * 1000 || most === 0) return true // §5.2.1.1
  }
  const minFresh = secondsOf(directives, 'min-fresh')
  return minFresh !== null && minFresh !== 'invalid' && leftMs < minFresh * 1000 // §5.2.1.3
}

function takesStale({ directives }: Wish, staleMs: number): boolean {
  if (!directives.has('max-stale')) return false
  const most = secondsOf(directives, 'max-stale')
  // Without a value any staleness is taken (§5.2.1.2).
  if (directives.get('max-stale') === null) return true
  return most !== null && most !== 'invalid' && staleMs <= most * 1000
}

/**
 * Whether a stale answer may stand in for a service that fails (RFC 5861 §4). What must be revalidated never may
 * (RFC 9111 §5.2.2.2); nor does a client that wants a fresh one get it.
 */
export function maySubstitute({ ttl }: Standing, freshness: Freshness, wish: Wish | null): boolean {
  if (freshness.mustRevalidate || freshness.noCache) return false
  if (wish !== null && (wish.directives.has('no-cache') || wish.pragmaNoCache)) return false
  const said = wish === null ? null : secondsOf(wish.directives, 'stale-if-error')
  const window =
    said === null || said === 'invalid' ? freshness.ifError : Math.min(said, freshness.ifError)
  return window > 0 && -ttl <= window
}

/**
 * Whether a hot entry is fetched anew before it is stale: the nearer the end and the slower the service, the
 * likelier (Vattani, Chierichetti and Lowenstein: Optimal probabilistic cache stampede prevention, 2015).
 * `chance` is from 0 to 1, and 0 never refreshes.
 */
export function isRefreshedEarly(
  { requestedAt, receivedAt }: AnswerHead,
  leftMs: number,
  { beta, chance }: { readonly beta: number; readonly chance: number },
): boolean {
  if (beta === 0 || chance <= 0) return false
  // A service that answers within the clock's grain still takes a little.
  const fillMs = Math.max(1, receivedAt - requestedAt)
  return fillMs * beta * -Math.log(chance) >= leftMs
}
