/** When a call falls back, and which of its request another upstream may be given. Pure: times are arguments. */
import { catalogue } from '../../errors/catalogue.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { TimeLimits } from '../call.ts'
import { isIdempotent } from '../retry/core.ts'

/** Why an entry of the chain gave no answer: behind `none:` in the event. */
export type Passed =
  /** Nothing is kept that could be given, or there is no cache on the route. */
  | 'stale'
  /** The request may not be repeated, and may have reached the first service. */
  | 'method'
  /** Its body went to the first service as a stream. */
  | 'body'
  /** The time of the whole request is over. */
  | 'time'
  /** This Worker lacks what the other upstream needs. */
  | 'unavailable'
  /** It was asked, and failed as well. */
  | 'failed'

/** Whether an answer is the service's or the gateway's failure; what is wrong with a request stays wrong elsewhere. */
export function fails(answer: Answer): boolean {
  if (answer instanceof Response) return answer.status >= 500
  return (answer.status ?? catalogue[answer.code].status) >= 500
}

export interface Copying {
  readonly method: string
  /** Whether the first service may have seen the request. */
  readonly wasSent: boolean
  /** Whether its body is there to be sent: there is none, or it was not sent as a stream. */
  readonly hasBody: boolean
  readonly nonIdempotent: boolean
}

/** Why another upstream may not be asked; null where it may. The rule of retries holds (ROUTES.md §4). */
export function whyNot({ method, wasSent, hasBody, nonIdempotent }: Copying): Passed | null {
  if (wasSent && !nonIdempotent && !isIdempotent(method)) return 'method'
  return hasBody ? null : 'body'
}

/**
 * What is left for the next upstream of the chain. A limit of the route, or of `defaults` where it was in force,
 * bounds the whole chain; an upstream's own `timeoutMs` is its own. Null where there is no time left.
 */
export function leftOf(
  { routeMs, defaultMs }: TimeLimits,
  own: { readonly firstMs: number | null; readonly nextMs: number | null },
  elapsedMs: number,
): TimeLimits | null {
  const left = {
    routeMs: routeMs === null ? null : routeMs - elapsedMs,
    defaultMs: defaultMs === null || own.firstMs !== null ? defaultMs : defaultMs - elapsedMs,
  }
  const limit = left.routeMs ?? own.nextMs ?? left.defaultMs
  return limit !== null && limit <= 0 ? null : left
}
