/** Counts each try, for all that the fleet knows of an upstream. Where nothing asks for it there is no step. */
import type { TryResult } from '../classify.ts'
import type { BindStep } from '../order.ts'
import { bindLink } from './bind-link.ts'
import { readEnding, timedOut } from './ending.ts'
import type { Outcome } from './tally.ts'

export const bindCount: BindStep = (scope) => {
  const bound = bindLink(scope)
  if (bound === null) return null
  const { isFailure, slowMs, others } = bound
  // A list that discovery brings changes it.
  const specNow = () => bound.spec
  return (next) =>
    async function count(call) {
      const { ports } = call.exchange
      const link = bound.of(call)
      link.begin(ports, specNow())
      for (const other of others) other.of(call).begin(ports, other.spec)
      const startedAt = ports.clock.now()
      const { epoch } = link

      let isOpen = true
      function conclude(result: TryResult | null): void {
        if (!isOpen) return
        isOpen = false
        // The gateway itself refused or called the try off, so nothing was learnt; or the breaker opened meanwhile.
        if (result === null || link.epoch !== epoch) {
          refresh()
          return
        }
        const tookMs = ports.clock.now() - startedAt
        const { retryAfterMs } = result
        const outcome: Outcome = {
          target: call.target.url,
          failed: isFailure(result),
          slow: slowMs !== null && tookMs > slowMs,
          latencyMs: result.status === null ? null : tookMs,
          retryAfterSeconds: retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1000),
        }
        link.record(ports, specNow(), outcome)
        for (const other of others) other.of(call).record(ports, other.spec, outcome)
      }

      // Where no target can be called nothing is learnt, and yet there may be news.
      function refresh(): void {
        link.refresh(ports, specNow())
        for (const other of others) other.of(call).refresh(ports, other.spec)
      }

      // When the deadline gives up, the upstream may answer never.
      call.onExpiry?.push((by) => conclude(by === 'table' ? timedOut : null))
      const answer = await next(call)
      conclude(readEnding(call, answer))
      return answer
    }
}
