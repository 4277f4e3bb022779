/**
 * The cache in shadow mode, and answers to POST that are kept for GET: in both the client gets what the service sent,
 * whatever is stored.
 */
import { discardBody } from '../http/body.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { isRefusal, noteSent, type Sent, weigh } from './conclude.ts'
import { startKeeping } from './fill.ts'
import { readFreshness } from './freshness-core.ts'
import { type Hash, lookUp, urlOf } from './look-up.ts'
import type { CacheParts, CacheRequest } from './parts.ts'
import { decideReuse } from './reuse-core.ts'

export interface Watched {
  readonly answer: Answer
  readonly outcome: 'would-hit' | 'would-miss'
}

/** Says what the cache would have done, and stores what it would have stored. */
export async function watch(
  request: CacheRequest,
  parts: CacheParts,
  hash: Hash,
): Promise<Watched> {
  const { exchange, shared, wish } = request
  const look = await lookUp(request, parts, hash)
  if (look.kind === 'found') {
    const { head, body } = look.stored
    discardBody(body)
    const freshness = readFreshness(head, parts.rules, shared)
    const reuse = decideReuse(head, freshness, wish, exchange.ports.clock.now())
    if (reuse.kind !== 'unusable') {
      return { answer: await request.next(exchange), outcome: 'would-hit' }
    }
  }
  const sent = noteSent(exchange)
  const answer = await request.next(exchange)
  const { slot } = look
  return { answer: keepAlong(answer, sent, { request, slot }, parts), outcome: 'would-miss' }
}

function keepAlong(
  answer: Answer,
  sent: Sent,
  { request, slot }: { readonly request: CacheRequest; readonly slot: string },
  parts: CacheParts,
): Answer {
  if (isRefusal(answer)) return answer
  const worth = weigh(answer, sent, { request, slot, epoch: undefined }, parts)
  if (worth.kind === 'unstorable') return answer
  return startKeeping(answer, worth, { request, slot, duty: null }, parts)
}

/**
 * An answer to POST that says its lifetime, and that it is what its own URL would give (RFC 9110 §9.3.3). It came
 * after the change that it tells of, so what the change made invalid does not take it along.
 */
export function keepForGet(
  answer: Answer,
  sent: Sent,
  request: CacheRequest,
  parts: CacheParts,
): Answer {
  if (isRefusal(answer)) return answer
  const { target, ports } = request.exchange
  const named = answer.headers.get('content-location')
  if (named === null || !isSame(named, urlOf(target))) return answer
  const after = { ...sent, requestedAt: ports.clock.now() + 1 }
  return keepAlong(answer, after, { request, slot: request.key }, parts)
}

function isSame(reference: string, url: string): boolean {
  try {
    return new URL(reference, url).href === new URL(url).href
  } catch {
    return false
  }
}
