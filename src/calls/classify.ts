/**
 * What a try came to, in the words of `retry.on` (ROUTES.md §4): retry, hedging, breaker and ejection read answers
 * here and nowhere else. Pure: `now` is an argument.
 */
import type { Failure } from '../errors/refusal.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { readRetryAfter } from './retry-after.ts'

export interface TryResult {
  /** What the service answered with, or the network in its place (520-530); null where nothing answered. */
  readonly status: number | null
  readonly failure: Failure | null
  /** How long the service asks to be left alone; only read of 429 and 503 (RFC 9110 §10.2.3). */
  readonly retryAfterMs: number | null
}

/** Words for kinds of failures; a number is that status. */
export type FailureWord = Failure | '5xx' | 'gateway-error' | 'retry-after'
export type FailureRule = FailureWord | number

/** The words that a table may use. */
export const failureWords = [
  'connect-failure',
  'reset',
  'timeout',
  '5xx',
  'gateway-error',
  'retry-after',
] as const satisfies readonly FailureWord[]

/** What a try came to; null where the gateway itself refused, so that no target is to blame. */
export function readTry(answer: Answer, now: number): TryResult | null {
  if (answer instanceof Response) {
    const { status } = answer
    const mayAsk = status === 429 || status === 503
    const asked = mayAsk ? answer.headers.get('retry-after') : null
    return {
      status,
      failure: null,
      retryAfterMs: asked === null ? null : readRetryAfter(asked, now),
    }
  }
  const { failure = null, upstreamStatus = null } = answer
  if (failure === null && upstreamStatus === null) return null
  return { status: upstreamStatus, failure, retryAfterMs: null }
}

/** A failure as breaker, ejection and hedging count it: no answer, or 5xx. */
export function isFailed({ status, failure }: TryResult): boolean {
  return failure !== null || (status !== null && status >= 500)
}

/** A test for results that any of the rules names. */
export function bindFailureRules(rules: readonly FailureRule[]): (result: TryResult) => boolean {
  const named: ReadonlySet<FailureRule> = new Set(rules)
  return function isNamed({ status, failure, retryAfterMs }) {
    if (failure !== null && named.has(failure)) return true
    if (status === null) return false
    if (named.has(status)) return true
    if (status >= 500 && status <= 599 && named.has('5xx')) return true
    if (status >= 502 && status <= 504 && named.has('gateway-error')) return true
    return retryAfterMs !== null && named.has('retry-after')
  }
}
