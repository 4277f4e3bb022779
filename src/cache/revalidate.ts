/**
 * Asks the service about a stored answer that may not be used as it is: one request for all that wait, a 304 brings
 * it up to date, and a service that fails is stood in for where that is allowed (RFC 9111 §4.3, RFC 5861 §4).
 */
import { discardBody } from '../http/body.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { AnswerHead, StoredAnswer } from './answer.ts'
import { answerFrom } from './answer-from.ts'
import { isFailure, isRefusal, isStoodIn, newsOf, noteSent } from './conclude.ts'
import { conclude, type Duty, type Place } from './fill.ts'
import { alone } from './flights.ts'
import { type Freshness, readFreshness } from './freshness-core.ts'
import { keep, SMALL_BYTES } from './keep.ts'
import type { Look } from './look-up.ts'
import type { CacheParts, CacheRequest, Served } from './parts.ts'
import { decideReuse, maySubstitute, type Reuse } from './reuse-core.ts'
import { hasValidator, judgeStorable } from './storable-core.ts'
import { askForChange, bringUpToDate, dropConditions, isSameRepresentation } from './update-core.ts'

type Found = Extract<Look, { kind: 'found' }>

export interface Stale {
  readonly found: Found
  readonly freshness: Freshness
  readonly reuse: Reuse
}

export async function revalidate(
  request: CacheRequest,
  stale: Stale,
  duty: Duty | null,
  parts: CacheParts,
): Promise<Served> {
  const { exchange } = request
  const { found, reuse } = stale
  const { stored, slot } = found
  const { head } = stored
  const because = reuse.kind === 'unusable' ? reuse.because : 'stale'
  const place: Place = { slot, epoch: head.epoch, fwd: because }
  const sent = noteSent(exchange)
  const canAsk = hasValidator(head)
  if (canAsk) askForChange(exchange.outgoing.headers, head)
  // A range goes on with its conditions: without them parts of two representations could be joined.
  else if (exchange.received.range === undefined) dropConditions(exchange.outgoing.headers)
  exchange.staleAnswer = () => lendStale(request, stale)
  const answer = await request.next(exchange)
  const stoodIn = standIn(answer, request, stale)
  if (stoodIn !== null) {
    free(duty)
    return stoodIn
  }
  if (canAsk && !isRefusal(answer) && answer.status === 304) {
    const updated = bringUpToDate(head, newsOf(answer, sent, request))
    return confirm(request, { ...stale, updated, generation: sent.generation }, duty, parts)
  }
  discardBody(stored.body)
  return conclude(answer, sent, { request, place, duty }, parts)
}

/** HEAD is asked as it came; what it tells of the stored answer is kept. */
export async function askByHead(
  request: CacheRequest,
  stale: Stale,
  parts: CacheParts,
): Promise<Served> {
  const { exchange } = request
  const { reuse, found } = stale
  const sent = noteSent(exchange)
  exchange.staleAnswer = () => lendStale(request, stale)
  const answer = await request.next(exchange)
  const stoodIn = standIn(answer, request, stale)
  if (stoodIn !== null) return stoodIn
  updateByHead(answer, request, { found, sent }, parts)
  const fwd = reuse.kind === 'unusable' ? reuse.because : 'stale'
  const said = isStoodIn(exchange) ? { detail: 'fallback' } : statusOf(answer)
  return { answer, status: { fwd, ...said }, outcome: 'miss' }
}

function statusOf(answer: Answer): { readonly fwdStatus?: number } {
  return answer instanceof Response ? { fwdStatus: answer.status } : {}
}

/** The stored answer in the place of a service that fails; null where the service's own counts. */
function standIn(answer: Answer, request: CacheRequest, stale: Stale): Served | null {
  const { exchange } = request
  const { reuse } = stale
  const fwd = reuse.kind === 'unusable' ? reuse.because : 'stale'
  if (exchange.event.fallback === 'stale') {
    return { answer, status: { fwd, ttl: reuse.ttl, detail: 'fallback' }, outcome: 'stale' }
  }
  if (!isFailure(answer, exchange) || !mayStandIn(request, stale)) return null
  const fwdStatus = isRefusal(answer) ? answer.upstreamStatus : answer.status
  if (!isRefusal(answer)) discardBody(answer.body)
  const said = fwdStatus === undefined ? {} : { fwdStatus }
  return {
    answer: substitute(request, stale),
    status: { fwd, ...said, ttl: reuse.ttl, detail: 'stale-if-error' },
    outcome: 'stale',
  }
}

function mayStandIn({ wish }: CacheRequest, { reuse, freshness }: Stale): boolean {
  return maySubstitute(reuse, freshness, wish)
}

/** The operator's own word for it (`fallback`) needs no window: only what must be revalidated stays out. */
function lendStale(request: CacheRequest, stale: Stale): Response | null {
  const { mustRevalidate, noCache } = stale.freshness
  return mustRevalidate || noCache ? null : substitute(request, stale)
}

function substitute({ exchange }: CacheRequest, { found }: Stale): Response {
  const { method, received, ports } = exchange
  return answerFrom(found.stored, { method, received, now: ports.clock.now() })
}

function free(duty: Duty | null): void {
  duty?.lead.land(alone)
  duty?.lead.end()
}

interface Confirmed extends Stale {
  readonly updated: AnswerHead
  readonly generation: number
}

/** The stored answer still holds: it is used, and stored again with the fields that came. */
async function confirm(
  request: CacheRequest,
  { found, updated, reuse, generation }: Confirmed,
  duty: Duty | null,
  parts: CacheParts,
): Promise<Served> {
  const { exchange } = request
  const { method, received, ports } = exchange
  const { slot, tier, stored } = found
  const head = { ...updated, generation }
  const now = ports.clock.now()
  const because = reuse.kind === 'unusable' ? reuse.because : 'stale'
  const isSmall = head.length !== null && head.length <= SMALL_BYTES
  const body = isSmall ? await readSmall(stored) : stored.body
  const again = (): Promise<StoredAnswer | 'absent' | 'fault'> =>
    isSmall ? Promise.resolve({ head, body }) : ports.answers[tier].get(slot)
  duty?.lead.land(
    isSmall && !(body instanceof ReadableStream) ? { kind: 'answer', head, bytes: body } : alone,
  )
  ports.defer(
    again()
      .then((copy) => storeAgain(copy, head, { request, slot }, parts))
      .finally(() => duty?.lead.end()),
  )
  const freshness = readFreshness(head, parts.rules, request.shared)
  return {
    answer: answerFrom({ head, body }, { method, received, now }),
    status: {
      fwd: because,
      fwdStatus: 304,
      ttl: decideReuse(head, freshness, null, now).ttl,
      stored: true,
    },
    outcome: 'revalidated',
  }
}

async function readSmall({ body }: StoredAnswer): Promise<ArrayBuffer | null> {
  return body === null || body instanceof ArrayBuffer ? body : new Response(body).arrayBuffer()
}

async function storeAgain(
  copy: StoredAnswer | 'absent' | 'fault',
  head: AnswerHead,
  { request, slot }: { readonly request: CacheRequest; readonly slot: string },
  parts: CacheParts,
): Promise<void> {
  if (typeof copy === 'string') return
  const { received, ports } = request.exchange
  const { rules } = parts
  const { shared } = request
  const freshness = readFreshness(head, rules, shared)
  const asked = {
    // Whatever asked: what is stored answers GET.
    method: 'GET',
    hasAuthorization: received.authorization !== undefined,
    directives: request.wish?.directives ?? new Map(),
  }
  const judged = { head, freshness, asked, hasCookies: false, vary: [], shared }
  const verdict = judgeStorable(judged, rules, ports.clock.now())
  const { body } = copy
  if (verdict.kind === 'unstorable') return discardBody(body)
  const kept =
    body instanceof ReadableStream
      ? ({ kind: 'stream', stream: body } as const)
      : ({ kind: 'bytes', bytes: body } as const)
  await keep(kept, { ...verdict, slot, head }, request, parts)
}

/** An answer to HEAD tells of the stored answer to GET (RFC 9111 §4.3.5). */
function updateByHead(
  answer: Answer,
  request: CacheRequest,
  { found, sent }: { readonly found: Found; readonly sent: ReturnType<typeof noteSent> },
  parts: CacheParts,
): void {
  const { ports } = request.exchange
  const { stored, slot } = found
  if (isRefusal(answer) || answer.status !== 200 || isStoodIn(request.exchange)) {
    discardBody(stored.body)
    return
  }
  const news = newsOf(answer, sent, request)
  if (!isSameRepresentation(stored.head, news)) {
    discardBody(stored.body)
    ports.defer(Promise.all([ports.answers.edge.delete(slot), ports.answers.global.delete(slot)]))
    return
  }
  const head = { ...bringUpToDate(stored.head, news), generation: sent.generation }
  ports.defer(storeAgain(stored, head, { request, slot }, parts))
}

/** A copy of the exchange for a fetch that nobody waits for: nothing of it reaches the answer or its event. */
export function behind(exchange: Exchange): Exchange {
  return {
    ...exchange,
    outgoing: { ...exchange.outgoing, headers: { ...exchange.outgoing.headers } },
    answer: [],
    event: { ...exchange.event, policies: {} },
    onLeave: null,
  }
}
