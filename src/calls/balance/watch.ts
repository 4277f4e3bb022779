/**
 * Watches a try on its way, for the gauge of its target. A try that is still unanswered when the time of the call is
 * over counts as failed there and then: the runtime drops it with its request.
 */
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import { isFailed } from '../classify.ts'
import { readEnding } from '../state/ending.ts'
import type { Choice } from './choice.ts'
import { beginCall, endCall, measure, measureFailure } from './gauge-core.ts'

export function bindWatch(next: Send, choice: Pick<Choice, 'gauge'>): Send {
  return function watch(call) {
    const { clock } = call.exchange.ports
    const gauge = choice.gauge(call.target.index)
    const beganAt = clock.now()
    const period = beginCall(gauge, beganAt)
    let isOver = false
    const end = (ending: Ending) => {
      if (isOver) return
      isOver = true
      const now = clock.now()
      endCall(gauge, period, now)
      if (ending === 'failed') measureFailure(gauge, now - beganAt, now)
      else if (ending === 'succeeded') measure(gauge, now - beganAt, now)
    }
    // Time that the client cut short says nothing of the target.
    call.onExpiry?.push((by) => end(by === 'table' ? 'failed' : null))
    return next(call).then(
      (answer) => {
        end(endingOf(call, answer))
        return answer
      },
      (error) => {
        end('failed')
        throw error
      },
    )
  }
}

/** How a try ended: null where the target is not to blame, such as one that was called off. */
type Ending = 'succeeded' | 'failed' | null

function endingOf(call: Call, answer: Answer): Ending {
  // Most answers are good: nothing is made of them.
  if (answer instanceof Response && answer.status < 500) return 'succeeded'
  const result = readEnding(call, answer)
  if (result === null) return null
  return isFailed(result) ? 'failed' : 'succeeded'
}
