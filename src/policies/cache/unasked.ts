/**
 * Cache-Status of answers that never came to the cache of their route (RFC 9211 §2): who was refused before, and what
 * the policy's `when` leaves out.
 */
import { writeCacheStatus } from '../../http/cache-status.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { Next } from '../../pipeline/policy.ts'

/** The pipeline of a route that has a cache, every answer of which says what the cache did. */
export function tellUnasked(run: Next): Next {
  function tell(exchange: Exchange, answer: Answer): Answer {
    const { cache, upstream } = exchange.event
    if (cache !== null) return answer
    const status =
      upstream === null ? { detail: 'not-asked' } : ({ fwd: 'bypass', detail: 'when' } as const)
    // First of all edits: the table's own have the last word.
    exchange.answer.unshift({ kind: 'add', name: 'Cache-Status', value: writeCacheStatus(status) })
    return answer
  }
  return function runCached(exchange) {
    const answer = run(exchange)
    return answer instanceof Promise
      ? answer.then((late) => tell(exchange, late))
      : tell(exchange, answer)
  }
}
