/**
 * Learns whether a target can be reached before a request goes to it that may not be sent twice. A runtime that
 * tells a refused connection from a lost one needs none of this; workerd on one machine says the same of both
 * (core.ts), and of a refused POST nobody could say that it may be tried again. So a connection is opened first,
 * unless such a request got through within the last seconds: what is refused then was certainly not sent. The same
 * of any request after one was lost, so that limits give its tokens back while a target is down (ROUTES.md §5).
 */
import type { Answer } from '../../pipeline/exchange.ts'
import type { FallbackOptions } from '../../upstreams/http/fallback-schema.ts'
import type { Call, Send } from '../call.ts'
import type { BindStep } from '../order.ts'
import { mayRepeat } from '../retry/core.ts'
import { retryRules } from '../retry/rules.ts'
import { connectFailure } from './core.ts'
import { noteReached, wasReached } from './reached.ts'

const CONNECT_TIMEOUT_MS = 5_000 // A second is two lost SYNs already.

export const bindReach: BindStep = ({ options: { retry, fallback } }) => {
  const isRepeated = retryRules(retry) !== null || (fallback ?? []).some(isOther)
  const isAsked = isRepeated && !retry?.nonIdempotent
  return (next) =>
    function reach(call) {
      const { exchange, target } = call
      // Where the place of a client is known it is Cloudflare's network, whose answers tell (ROUTES.md §4).
      if (exchange.client.colo !== null || target.binding !== null) return next(call)
      const isFirst = (isAsked && isOnce(call)) || wasReached(call) === false
      return isFirst ? reachFirst(call, next) : next(call)
    }
}

/** A body that streams by was not held to be sent again, whatever the method allows. */
function isOnce(call: Call): boolean {
  return !mayRepeat(call) || call.body instanceof ReadableStream
}

/** Another upstream gets what may not be repeated only where it was certainly not sent. */
function isOther(entry: FallbackOptions[number]): boolean {
  return 'upstream' in entry && !entry.nonIdempotent
}

async function reachFirst(call: Call, next: Send): Promise<Answer> {
  if (wasReached(call) !== true && !(await canConnect(call))) {
    noteReached(call, false)
    // A try like any other, as far as it came.
    call.exchange.event.tries += 1
    call.exchange.event.target = call.target.index
    return { ...connectFailure('The service takes no connection.'), isBodyLeft: true }
  }
  const answer = await next(call)
  const isLost = !(answer instanceof Response) && answer.failure !== undefined
  noteReached(call, !isLost)
  return answer
}

/** True also where this cannot be known. */
async function canConnect({ exchange, target }: Call): Promise<boolean> {
  const { network, timers } = exchange.ports
  if (network.canConnect === undefined) return true
  const { hostname, port, protocol } = new URL(target.base)
  const alarm = timers.after(CONNECT_TIMEOUT_MS)
  const connected = network.canConnect(hostname, Number(port || (protocol === 'https:' ? 443 : 80)))
  const isConnected = await Promise.race([connected, alarm.done.then(() => false)])
  alarm.cancel()
  return isConnected
}
