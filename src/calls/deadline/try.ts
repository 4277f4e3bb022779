/**
 * What holds for one try, once its target is known: it is noted as tried, gets no more time than `perTryTimeoutMs`,
 * and the service is told how much time there is. A try that takes longer is called off and counts as `timeout`.
 */
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { BindStep } from '../order.ts'
import { deadlineField, discard } from './deadline.ts'

export const bindTry: BindStep = ({ options, deadline }) => {
  const { perTryTimeoutMs = null, retry, hedge } = options
  if (perTryTimeoutMs === null && deadline === undefined && retry === undefined) {
    if (hedge === undefined) return null
  }
  const field = deadline === undefined ? null : deadlineField(deadline)
  return (next) =>
    function oneTry(call) {
      call.tried?.add(call.target.url)
      const { endsAt } = call
      const leftMs = endsAt === null ? null : endsAt - call.exchange.ports.clock.now()
      if (field !== null) tell(call, field, leftMs, perTryTimeoutMs)
      // The deadline of the whole call answers in its own words.
      if (perTryTimeoutMs === null || (leftMs !== null && leftMs <= perTryTimeoutMs)) {
        return next(call)
      }
      return within(call, perTryTimeoutMs, next)
    }
}

/** In the place of what the client wrote: part of its time is over. */
function tell(call: Call, field: string, leftMs: number | null, tryMs: number | null): void {
  if (leftMs === null && tryMs === null) {
    if (call.headers[field] !== undefined) delete call.headers[field]
    return
  }
  const ms = Math.min(leftMs ?? Number.POSITIVE_INFINITY, tryMs ?? Number.POSITIVE_INFINITY)
  call.headers[field] = String(Math.max(0, ms))
}

function within(call: Call, ms: number, next: Send): Promise<Answer> {
  const controller = new AbortController()
  const { signal } = controller
  call.onExpiry?.push(() => controller.abort())
  call.signal = call.signal === null ? signal : AbortSignal.any([call.signal, signal])
  return new Promise((resolve, reject) => {
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      controller.abort()
      call.exchange.event.upstreamMs += ms
      const detail = `The service did not answer within ${ms} milliseconds.`
      resolve(refuse('UPSTREAM_TIMEOUT', { detail, failure: 'timeout' }))
    }, ms)
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
