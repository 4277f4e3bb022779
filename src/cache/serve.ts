/**
 * The way of one request through the cache: look, decide, answer out of the store or ask the service. The decisions
 * stand in the cores; here they meet the stores, the clock and the service.
 */

import { refuse } from '../errors/refusal.ts'
import { discardBody } from '../http/body.ts'
import type { ForwardReason } from '../http/cache-status.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { answerFrom } from './answer-from.ts'
import { fetchAlone, fill, type Place, serveFollowed } from './fill.ts'
import { alone, Flights } from './flights.ts'
import { bindFreshness, type Freshness } from './freshness-core.ts'
import { type Hash, type Look, lookUp } from './look-up.ts'
import type { CacheParts, CacheRequest, Served } from './parts.ts'
import { decideReuse, isRefreshedEarly, type Reuse } from './reuse-core.ts'
import { askByHead, behind, revalidate } from './revalidate.ts'

export type Serve = (request: CacheRequest) => Promise<Served>

const notStored = refuse('CACHE_NOT_STORED', {
  detail:
    'The request takes only a stored answer (only-if-cached), and there is none that may be used.',
})

const storeAway = refuse('STORE_UNAVAILABLE', { headers: { 'retry-after': '1' } })

type Found = Extract<Look, { kind: 'found' }>

const REFRESHED = 'cache:refreshed'
// 100 bytes each: at most 1 MB in an isolate.
const MOST_REFRESHED = 10_000
// Nobody else begins while one refresh may still be under way.
const REFRESH_MS = 10_000

export function bindServe(parts: CacheParts, hash: Hash): Serve {
  const flights = new Flights(parts.waitMs)
  const freshnessOf = bindFreshness(parts.rules)

  async function serve(request: CacheRequest): Promise<Served> {
    const look = await lookUp(request, parts, hash)
    return look.kind === 'found' ? serveFound(request, look) : serveAbsent(request, look)
  }

  function serveFound(request: CacheRequest, found: Found): Served | Promise<Served> {
    const { exchange, wish, shared } = request
    const { method, received, ports } = exchange
    const { head } = found.stored
    const now = ports.clock.now()
    const freshness = freshnessOf(head, shared)
    const reuse = decideReuse(head, freshness, wish, now)
    if (reuse.kind === 'unusable') return askAgain(request, { found, freshness, reuse })
    const isHot = reuse.kind === 'fresh' && isDueEarly(request, found, freshness, reuse)
    if (reuse.kind === 'refreshed-behind' || isHot) refresh(request, found, freshness, reuse)
    return {
      answer: answerFrom(found.stored, { method, received, now, ageMs: reuse.ageMs }),
      status: { hit: true, ttl: reuse.ttl },
      outcome: reuse.kind === 'fresh' ? 'hit' : 'stale',
    }
  }

  async function serveAbsent(
    request: CacheRequest,
    look: Extract<Look, { kind: 'absent' }>,
  ): Promise<Served> {
    const fwd: ForwardReason = look.isVariant ? 'vary-miss' : 'uri-miss'
    if (isOnlyIfCached(request)) return { answer: notStored, status: {}, outcome: 'miss' }
    if (look.fault && parts.onStoreFault === 'deny') {
      return { answer: storeAway, status: { detail: 'store-unavailable' }, outcome: 'miss' }
    }
    const place: Place = { slot: look.slot, epoch: undefined, fwd }
    return isShareable(request)
      ? fill(request, place, { flights, hash }, parts)
      : fetchAlone(request, place, parts)
  }

  async function askAgain(
    request: CacheRequest,
    stale: { readonly found: Found; readonly freshness: Freshness; readonly reuse: Reuse },
  ): Promise<Served> {
    const { found, reuse } = stale
    const { exchange } = request
    if (isOnlyIfCached(request)) {
      discardBody(found.stored.body)
      return { answer: notStored, status: {}, outcome: 'miss' }
    }
    if (exchange.method !== 'GET') return askByHead(request, stale, parts)
    const isOwnWish = reuse.kind === 'unusable' && reuse.because === 'request'
    if (isOwnWish) return revalidate(request, stale, null, parts)
    const followed = await flights.follow(
      found.slot,
      exchange.ports.clock.now(),
      exchange.ports.timers,
    )
    if (followed !== null) {
      const served = serveFollowed(followed, request, parts)
      if (served === null) return revalidate(request, stale, null, parts)
      discardBody(found.stored.body)
      return { ...served, status: { ...served.status, fwd: 'stale' } }
    }
    const lead = flights.lead(found.slot, exchange.ports.clock.now())
    try {
      return await revalidate(request, stale, { lead, token: null }, parts)
    } catch (error) {
      lead.land(alone)
      lead.end()
      throw error
    }
  }

  /** In the background: the client has its answer. */
  function refresh(request: CacheRequest, found: Found, freshness: Freshness, reuse: Reuse): void {
    const { ports } = request.exchange
    const refreshed = ports.memories.of<true>(REFRESHED, MOST_REFRESHED)
    const now = ports.clock.now()
    if (refreshed.get(found.slot, now) === true) return
    refreshed.set(found.slot, true, now + REFRESH_MS)
    const own: CacheRequest = { ...request, exchange: behind(request.exchange), wish: null }
    ports.defer(refreshNow(own, found, { freshness, reuse }))
  }

  async function refreshNow(
    request: CacheRequest,
    { slot, tier }: Found,
    known: { readonly freshness: Freshness; readonly reuse: Reuse },
  ): Promise<void> {
    const { ports } = request.exchange
    // The body of the first look goes to the client: this is a second one.
    const stored = await ports.answers[tier].get(slot)
    if (typeof stored === 'string') return
    const found: Found = { kind: 'found', stored, slot, tier }
    try {
      const { answer } = await revalidate(request, { found, ...known }, null, parts)
      await drain(answer)
    } finally {
      ports.memories.of<true>(REFRESHED, MOST_REFRESHED).delete(slot)
    }
  }

  function isDueEarly(
    { exchange }: CacheRequest,
    { stored }: Found,
    { lifetimeMs, explicit }: Freshness,
    { ageMs }: Reuse,
  ): boolean {
    if (parts.beta === 0 || !explicit) return false
    const chance = exchange.ports.randomness.fraction()
    return isRefreshedEarly(stored.head, lifetimeMs - ageMs, { beta: parts.beta, chance })
  }

  return serve
}

function isOnlyIfCached({ wish }: CacheRequest): boolean {
  return wish?.directives.has('only-if-cached') ?? false // RFC 9111 §5.2.1.7
}

/** Whether others could use what this request fetches: a whole answer, to a client that waits for no other. */
function isShareable({ exchange, wish }: CacheRequest): boolean {
  if (exchange.method !== 'GET' || exchange.received.range !== undefined) return false
  if (wish === null) return true
  const { directives, pragmaNoCache } = wish
  return !directives.has('no-store') && !directives.has('no-cache') && !pragmaNoCache
}

/** Reads an answer that nobody gets, so that what is stored of it is whole. */
async function drain(answer: Answer): Promise<void> {
  if (!(answer instanceof Response) || answer.body === null) return
  const reader = answer.body.getReader()
  while (!(await reader.read()).done);
}
