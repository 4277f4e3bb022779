/**
 * Bounds the time from dispatch until the headers of the answer, by `timeoutMs` and by what the client said it
 * waits; what streams afterwards has no limit here. When it runs out the answer is 504. The call is not aborted by
 * a controller, which would cost 7 % of a proxied request: the runtime drops it when the request's work is over, a
 * few milliseconds after the 504 (decision 1).
 */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { discardBody } from '../../http/body.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { BindStep } from '../order.ts'
import { limitOf, readDeadline, type TimeLimit } from './core.ts'
import type { DeadlineOptions } from './schema.ts'

const DEFAULT_DEADLINE_HEADER = 'Request-Timeout-Ms'

/** Every call says its own limit: a route's comes before its upstream's. */
export const bindDeadlineStep: BindStep = ({ deadline: options }) => {
  if (options === undefined) {
    return (next) =>
      function deadline(call) {
        const ms = call.timeoutMs
        return ms === null ? next(call) : waitFor(call, { ms, by: 'table' }, next)
      }
  }
  const rule = bindRule(options)
  return (next) =>
    function clientDeadline(call) {
      const limit = rule(call)
      if (limit === null) return next(call)
      if (limit.ms <= 0) return Promise.resolve(refuse('DEADLINE_TOO_SHORT'))
      return waitFor(call, limit, next)
    }
}

/** The field's name as it stands in a request. */
export function deadlineField({ header = DEFAULT_DEADLINE_HEADER }: DeadlineOptions): string {
  return header.toLowerCase()
}

function bindRule(options: DeadlineOptions): (call: Call) => TimeLimit | null {
  const field = deadlineField(options)
  const maxMs = options.maxMs ?? null
  return function limitOfCall({ exchange, timeoutMs }) {
    const clientMs = readDeadline(exchange.received[field])
    if (clientMs === null) return timeoutMs === null ? null : { ms: timeoutMs, by: 'table' }
    const elapsedMs = exchange.ports.clock.now() - exchange.startedAt
    return limitOf({ timeoutMs, clientMs, maxMs, elapsedMs })
  }
}

function waitFor(call: Call, limit: TimeLimit, next: Send): Promise<Answer> {
  call.endsAt = call.exchange.ports.clock.now() + limit.ms
  const onExpiry: NonNullable<Call['onExpiry']> = []
  call.onExpiry = onExpiry
  return new Promise((resolve, reject) => {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      // The call has not come back to count its own time.
      const { event } = call.exchange
      event.upstreamMs = Math.max(event.upstreamMs, limit.ms)
      for (const tell of onExpiry) tell(limit.by)
      resolve(expired(limit))
    }, limit.ms)
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

function expired({ ms, by }: TimeLimit): Refusal {
  if (by === 'client') return refuse('DEADLINE_TOO_SHORT', { failure: 'timeout' })
  return refuse('UPSTREAM_TIMEOUT', {
    detail: `The service did not answer within ${ms} milliseconds.`,
    failure: 'timeout',
  })
}

/** While other work of the request goes on, an answer that nobody reads would hold its connection. */
export function discard(answer: Answer): void {
  // That it cannot be called off any more is no news to anyone.
  if (answer instanceof Response) discardBody(answer.body)
}
