/**
 * Cache-Status of answers that never came to the cache of their route (RFC 9211 §2): who was refused before, and what
 * the policy's `when` leaves out.
 */
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { Next } from '../../pipeline/policy.ts'
import { applyOwn, tell } from './tell.ts'

/** The pipeline of a route that has a cache, every answer of which says what the cache did. */
export function tellUnasked(run: Next): Next {
  function conclude(exchange: Exchange, answer: Answer): Answer {
    const { cache, upstream } = exchange.event
    if (cache !== null) return applyOwn(exchange, answer)
    const status =
      upstream === null ? { detail: 'not-asked' } : ({ fwd: 'bypass', detail: 'when' } as const)
    tell(exchange, answer, { status, isOwn: false })
    return answer
  }
  return function runCached(exchange) {
    const answer = run(exchange)
    return answer instanceof Promise
      ? answer.then((late) => conclude(exchange, late))
      : conclude(exchange, answer)
  }
}
