/**
 * Whether a call is tried again, and when: decided from what the last try came to and what is left of time, tries
 * and budget. Pure; chance is an argument.
 */
import type { Call } from '../call.ts'
import type { TryResult } from '../classify.ts'

/** Methods whose repetition changes nothing (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
])

export function isIdempotent(method: string): boolean {
  return idempotent.has(method)
}

/** Whether a call may reach a service twice: by its method, or since a key tells the service that it is the same one. */
export function mayRepeat({ method, exchange }: Pick<Call, 'method' | 'exchange'>): boolean {
  return isIdempotent(method) || exchange.isRepeatSafe
}

export interface Backoff {
  readonly kind: 'exponential' | 'linear' | 'constant'
  readonly baseMs: number
  readonly maxMs: number
}

export interface RetryRules {
  /** The first try counts. */
  readonly attempts: number
  readonly isRetried: (result: TryResult) => boolean
  readonly backoff: Backoff
}

/** Where a call stands after a try that is over. */
export interface Standing {
  /** How many tries were made. */
  readonly tries: number
  readonly result: TryResult
  /** Whether the request may reach a service twice. */
  readonly isRepeatable: boolean
  /** Whether its body can be sent again. */
  readonly isReplayable: boolean
  /** What is left of the whole call, milliseconds; null for no limit. */
  readonly leftMs: number | null
  /** From 0 (included) to 1 (excluded), fresh. */
  readonly fraction: number
}

export type Decision =
  | { readonly kind: 'again'; readonly waitMs: number }
  | { readonly kind: 'done'; readonly reason: DoneReason }

export type DoneReason =
  /** Nothing that `on` names. */
  | 'answered'
  | 'attempts'
  /** It may have reached the service, and must not do so twice. */
  | 'not-idempotent'
  | 'body'
  /** What is left is less than the wait. */
  | 'time'
  /** The service asks for a longer rest than the operator waits for. */
  | 'retry-after'

/** The budget is asked last, by the caller: it is spent where nothing else speaks against the retry. */
export function decide(rules: RetryRules, standing: Standing): Decision {
  const { result, tries, leftMs } = standing
  if (!rules.isRetried(result)) return done('answered')
  if (tries >= rules.attempts) return done('attempts')
  if (!standing.isRepeatable && result.failure !== 'connect-failure') return done('not-idempotent')
  if (!standing.isReplayable) return done('body')
  const askedMs = result.retryAfterMs ?? 0
  if (askedMs > rules.backoff.maxMs) return done('retry-after')
  const waitMs = Math.max(askedMs, backoffMs(rules.backoff, tries, standing.fraction))
  if (leftMs !== null && waitMs >= leftMs) return done('time')
  return { kind: 'again', waitMs }
}

function done(reason: DoneReason): Decision {
  return { kind: 'done', reason }
}

/**
 * Milliseconds to wait before retry `n` (the first is 1). With full jitter, a fresh number between nothing and all of
 * it: calls that failed together do not come back together.
 */
export function backoffMs({ kind, baseMs, maxMs }: Backoff, n: number, fraction: number): number {
  return Math.floor(Math.min(maxMs, baseMs * growth(kind, n)) * fraction)
}

function growth(kind: Backoff['kind'], n: number): number {
  switch (kind) {
    case 'exponential':
      return 2 ** (n - 1)
    case 'linear':
      return n
    case 'constant':
      return 1
  }
}
