/**
 * Fetches what is stored nowhere: one request for all that wait for it, in this isolate and over all of them. Who
 * waits is freed as soon as it is known that nothing can be shared, and in bounded time whatever happens.
 */
import { discardBody } from '../http/body.ts'
import type { CacheStatus, ForwardReason } from '../http/cache-status.ts'
import { isSelectedBy } from '../http/vary.ts'
import type { Answer } from '../pipeline/exchange.ts'
import type { AnswerHead, StoredAnswer } from './answer.ts'
import { answerFrom, isUnchanged, notModified } from './answer-from.ts'
import { isRefusal, isStoodIn, noteSent, type Sent, type Worth, weigh } from './conclude.ts'
import { alone, type Flights, type Landed, type Lead } from './flights.ts'
import { readFreshness } from './freshness-core.ts'
import {
  type Keeping,
  keep,
  LEAST_GLOBAL_SECONDS,
  landingOf,
  measured,
  SMALL_BYTES,
} from './keep.ts'
import { type Hash, isDead, MOST_LEVELS, slotBelow } from './look-up.ts'
import type { CacheParts, CacheRequest, Served } from './parts.ts'
import { decideReuse } from './reuse-core.ts'
import { splitBody } from './split-body.ts'
import { dropConditions } from './update-core.ts'

/** Where an answer would be stored, and why the service is asked. */
export interface Place {
  readonly slot: string
  readonly epoch: number | undefined
  readonly fwd: ForwardReason
}

/** A leader's duties, here and beyond this isolate. */
export interface Duty {
  readonly lead: Lead
  /** Of the lease over all isolates; null where there is none. */
  readonly token: string | null
}

// How far a store may fall behind the client before it is given up: bounded memory of one answer.
const LAG_BYTES = 4 * 1_048_576

const UNSHARED = 'cache:unshared'
// 100 bytes each: at most 1 MB in an isolate.
const MOST_UNSHARED = 10_000
// What could not be shared is fetched by everybody for himself for a while, and then tried again.
const UNSHARED_MS = 10_000

export interface Filling {
  readonly flights: Flights
  readonly hash: Hash
}

/** An answer that others may use, fetched by this request or by another. */
export async function fill(
  request: CacheRequest,
  place: Place,
  { flights, hash }: Filling,
  parts: CacheParts,
  level = 1,
): Promise<Served> {
  const { ports, outgoing } = request.exchange
  const { slot } = place
  const unshared = ports.memories.of<true>(UNSHARED, MOST_UNSHARED)
  if (unshared.get(slot, ports.clock.now()) === true) return fetchAlone(request, place, parts)

  /** What another one fetched may be another variant: those who want this one share a fetch of their own. */
  function serveOrGoBelow(landed: Landed): Promise<Served> | Served | null {
    const served = serveFollowed(landed, request, parts, place.fwd)
    if (served !== null || landed.kind === 'alone' || level === MOST_LEVELS) return served
    const { head } = landed
    if (isDead(head, request) || isSelectedBy(head.selecting, outgoing.headers)) return null
    const below: Place = {
      slot: slotBelow(slot, head, outgoing.headers, hash),
      epoch: undefined,
      fwd: 'vary-miss',
    }
    return fill(request, below, { flights, hash }, parts, level + 1)
  }

  const followed = await flights.follow(slot, ports.clock.now(), ports.timers)
  if (followed !== null) return serveOrGoBelow(followed) ?? fetchAlone(request, place, parts)
  const lead = flights.lead(slot, ports.clock.now())
  try {
    const turn =
      parts.tiers === 'edge' || !request.shared
        ? ({ kind: 'alone' } as const)
        : await ports.fills.begin(slot, parts.waitMs)
    if (turn.kind === 'follow') {
      const landed = landedOf(turn.answer)
      const served = serveOrGoBelow(landed)
      if (served !== null) {
        lead.land(landed)
        lead.end()
        return served
      }
    }
    return await fetchAndShare(
      request,
      place,
      { lead, token: turn.kind === 'lead' ? turn.token : null },
      parts,
    )
  } catch (error) {
    lead.land(alone)
    lead.end()
    throw error
  }
}

function landedOf({ head, body }: StoredAnswer): Landed {
  if (body instanceof ReadableStream) return alone
  return { kind: 'answer', head, bytes: body }
}

/** What another request fetched, where it answers this one too. */
export function serveFollowed(
  landed: Landed,
  request: CacheRequest,
  { rules }: CacheParts,
  fwd: ForwardReason = 'uri-miss',
): Served | null {
  if (landed.kind === 'alone') return null
  const { head, bytes } = landed
  const { method, received, outgoing, ports } = request.exchange
  if (isDead(head, request) || !isSelectedBy(head.selecting, outgoing.headers)) return null
  const now = ports.clock.now()
  const reuse = decideReuse(head, readFreshness(head, rules, request.shared), request.wish, now)
  if (reuse.kind === 'unusable') return null
  return {
    answer: answerFrom({ head, body: bytes }, { method, received, now }),
    status: { fwd, ttl: reuse.ttl, collapsed: true },
    outcome: 'collapsed',
  }
}

async function fetchAndShare(
  request: CacheRequest,
  place: Place,
  duty: Duty,
  parts: CacheParts,
): Promise<Served> {
  const { exchange } = request
  const sent = noteSent(exchange)
  dropConditions(exchange.outgoing.headers)
  const answer = await request.next(exchange)
  return conclude(answer, sent, { request, place, duty }, parts)
}

/** For this request alone: with its own conditions, as it came. */
export async function fetchAlone(
  request: CacheRequest,
  place: Place,
  parts: CacheParts,
): Promise<Served> {
  const { exchange } = request
  const sent = noteSent(exchange)
  const answer = await request.next(exchange)
  return conclude(answer, sent, { request, place, duty: null }, parts)
}

/** Stores what may be stored, frees those who wait, and answers the client. */
export function conclude(
  answer: Answer,
  sent: Sent,
  given: { readonly request: CacheRequest; readonly place: Place; readonly duty: Duty | null },
  parts: CacheParts,
): Served {
  const { request, place, duty } = given
  const { slot, epoch, fwd } = place
  if (isRefusal(answer)) {
    release(given)
    return { answer, status: { fwd }, outcome: 'miss' }
  }
  // What a fallback answers is no word of the service.
  const said = isStoodIn(request.exchange) ? {} : { fwdStatus: answer.status }
  const worth = weigh(answer, sent, { request, slot, epoch }, parts)
  if (worth.kind === 'unstorable') {
    // A failure of the moment says nothing of what comes after it.
    if (duty !== null && answer.status < 500) noteUnshared(request, slot)
    release(given)
    return { answer, status: { fwd, ...said, detail: worth.why }, outcome: 'miss' }
  }
  const kept = startKeeping(answer, worth, { request, slot, duty }, parts)
  return {
    answer: forClient(kept, worth.head, request),
    status: { fwd, ...said, ...toldOf(worth, request, parts) },
    outcome: 'miss',
  }
}

/** What is too short-lived for KV, or one caller's own, is in no store where KV is the only one. */
function toldOf(
  { freshSeconds }: Keeping,
  { shared }: CacheRequest,
  { tiers }: CacheParts,
): Pick<CacheStatus, 'stored' | 'detail'> {
  if (tiers !== 'global') return { stored: true }
  if (!shared) return { detail: 'private' }
  return freshSeconds < LEAST_GLOBAL_SECONDS ? { detail: 'short-lived' } : { stored: true }
}

/** Gives the answer to its client and, behind that, to the stores and to those who wait. */
export function startKeeping(
  answer: Response,
  worth: Extract<Worth, { kind: 'storable' }>,
  {
    request,
    slot,
    duty,
  }: {
    readonly request: CacheRequest
    readonly slot: string
    readonly duty: Duty | null
  },
  parts: CacheParts,
): Response {
  const limits = {
    smallBytes: SMALL_BYTES,
    lagBytes: LAG_BYTES,
    maxBytes: parts.rules.maxBodyBytes,
  }
  const split = splitBody(answer, worth.declared, limits)
  const stored = split.kept.then(async (kept) => {
    const head = measured(worth.head, kept)
    const landing = landingOf(kept, head)
    duty?.lead.land(landing)
    // Until it is stored, those who come find it here.
    try {
      await Promise.all([
        keep(kept, { ...worth, head }, request, parts),
        landFar(landing, request, slot, duty),
      ])
    } finally {
      duty?.lead.end()
    }
  })
  request.exchange.ports.defer(stored)
  return split.answer
}

/** The client's own conditions were left out of what was asked: they are answered here. */
function forClient(response: Response, head: AnswerHead, request: CacheRequest): Response {
  const { received, ports } = request.exchange
  const now = ports.clock.now()
  if (head.status !== 200 || !isUnchanged(head, received, now)) return response
  discardBody(response.body)
  return new Response(null, {
    status: 304,
    headers: [...notModified(head).fields] as [string, string][],
  })
}

function landFar(
  landing: Landed,
  { exchange }: CacheRequest,
  slot: string,
  duty: Duty | null,
): Promise<void> | null {
  if (duty === null || duty.token === null) return null
  const answer = landing.kind === 'answer' ? { head: landing.head, body: landing.bytes } : null
  return exchange.ports.fills.land(slot, duty.token, answer)
}

/** Nothing came that others could use. */
function release({
  request,
  place,
  duty,
}: {
  readonly request: CacheRequest
  readonly place: Place
  readonly duty: Duty | null
}): void {
  if (duty === null) return
  duty.lead.land(alone)
  duty.lead.end()
  const landed = landFar(alone, request, place.slot, duty)
  if (landed !== null) request.exchange.ports.defer(landed)
}

function noteUnshared({ exchange }: CacheRequest, slot: string): void {
  const { memories, clock } = exchange.ports
  memories.of<true>(UNSHARED, MOST_UNSHARED).set(slot, true, clock.now() + UNSHARED_MS)
}
