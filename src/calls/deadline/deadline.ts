/**
 * Bounds the time from dispatch until the headers of the answer; what streams afterwards has no limit here.
 * When it runs out the call below is aborted and the answer is 504.
 */
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'

/** `timeoutMs` for every call through it. */
export function bindDeadline(timeoutMs: number, next: Send): Send {
  return async function deadline(call: Call): Promise<Answer> {
    const controller = new AbortController()
    let expired = false
    const timer = setTimeout(() => {
      expired = true
      controller.abort()
    }, timeoutMs)
    call.signal = controller.signal
    const answer = await next(call)
    clearTimeout(timer)
    if (!expired) return answer
    // The answer may have come in the same turn as the timer: its body was aborted with the call.
    return refuse('UPSTREAM_TIMEOUT', {
      detail: `The service did not answer within ${timeoutMs} milliseconds.`,
    })
  }
}
