/**
 * What stands between balance and send where an upstream has `auth`: it writes what proves the gateway to the
 * service into the call. A call that could not be signed is not sent.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'

/** Writes the proof into the call's header fields, or tells why it cannot. */
export type SignStep = (call: Call) => Refusal | null | Promise<Refusal | null>

export function bindStep(step: SignStep, next: Send): Send {
  return function sign(call) {
    const done = step(call)
    if (!(done instanceof Promise)) return done === null ? next(call) : Promise.resolve(done)
    return inTime(call.signal, done).then((refusal) => {
      // The deadline answers in its own words; this only ends the wait for a body that does not come.
      if (call.signal?.aborted) return refuse('UPSTREAM_TIMEOUT')
      return refusal ?? next(call)
    })
  }
}

/** What the work gives, or null once the deadline of the call is over. */
export function inTime<Value>(
  signal: AbortSignal | null,
  work: Promise<Value>,
): Promise<Value | null> {
  if (signal === null) return work
  const over = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  return Promise.race([work, over])
}

export type AuthFailure =
  | 'key-unusable'
  | 'token-endpoint-unreachable'
  | 'token-endpoint-refused'
  | 'token-endpoint-answer-invalid'

const details: Readonly<Record<AuthFailure, string>> = {
  'key-unusable': 'The key of the gateway cannot sign.',
  'token-endpoint-unreachable': 'The token endpoint of the service did not answer in time.',
  'token-endpoint-refused': 'The token endpoint of the service gave no token.',
  'token-endpoint-answer-invalid':
    'The token endpoint of the service gave no token that can be sent.',
}

/** The refusal of a call that cannot prove itself; the event has the reason under `upstream-auth`. */
export function refuseUnproven(exchange: Exchange, reason: AuthFailure): Refusal {
  exchange.event.policies['upstream-auth'] = `failed:${reason}`
  return refuse('UPSTREAM_AUTH_FAILED', { detail: details[reason] })
}
