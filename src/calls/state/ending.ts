/** What a try says of its upstream when it ends; null where it says nothing. */
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call } from '../call.ts'
import { readTry, type TryResult } from '../classify.ts'

export const timedOut: TryResult = { status: null, failure: 'timeout', retryAfterMs: null }

/** A try that took too long counts; one that was called off since another won, or its client left, does not. */
export function readEnding({ exchange, signal }: Call, answer: Answer): TryResult | null {
  const result = readTry(answer, exchange.ports.clock.now())
  return signal?.aborted && result?.failure !== 'timeout' ? null : result
}
