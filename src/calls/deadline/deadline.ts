/**
 * Bounds the time from dispatch until the headers of the answer; what streams afterwards has no limit here.
 * When it runs out the answer is 504. The call is not aborted by a controller, which would cost 7 % of a proxied
 * request: the runtime drops it when the request's work is over, a few milliseconds after the 504 (decision 1).
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { BindStep } from '../order.ts'

/** Every call says its own limit: a route's comes before its upstream's. */
export const bindDeadlineStep: BindStep = () =>
  function aroundWithDeadline(next) {
    return function deadline(call) {
      return call.timeoutMs === null ? next(call) : waitFor(call, call.timeoutMs, next)
    }
  }

function waitFor(call: Call, timeoutMs: number, next: Send): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      // The call has not come back to count its own time.
      const { event } = call.exchange
      event.upstreamMs = Math.max(event.upstreamMs, timeoutMs)
      resolve(expired(timeoutMs))
    }, timeoutMs)
    next(call).then(
      (answer) => {
        clearTimeout(timer)
        resolve(answer)
        if (isOver) discard(answer)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

function expired(timeoutMs: number): Refusal {
  return refuse('UPSTREAM_TIMEOUT', {
    detail: `The service did not answer within ${timeoutMs} milliseconds.`,
    failure: 'timeout',
  })
}

/** While other work of the request goes on, an answer that nobody reads would hold its connection. */
function discard(answer: Answer): void {
  // That it cannot be called off any more is no news to anyone.
  if (answer instanceof Response) answer.body?.cancel().catch(() => {})
}
