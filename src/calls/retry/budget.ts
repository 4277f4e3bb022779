/** Counts requests and retries of an upstream against its budget, in the isolate's link to the upstream's object. */
import type { Call } from '../call.ts'
import type { CallScope } from '../order.ts'
import { bindLink } from '../state/bind-link.ts'
import { countRequest, takeRetry } from './budget-core.ts'

export interface Budget {
  /** A request began. */
  begin(call: Call): void
  /** Takes one try beyond the first; false where the budget is spent. */
  take(call: Call): boolean
}

/** Retry and hedging of an upstream share it. */
export function bindBudget(scope: CallScope): Budget {
  const link = bindLink(scope)
  const rules = link?.spec.budget
  if (link === null || rules === undefined) throw new Error(`${scope.name} has no budget`)
  return {
    begin(call) {
      const own = link.of(call)
      countRequest(own.locals.budget, call.exchange.ports.clock.now())
      own.countRequest()
    },
    take(call) {
      const own = link.of(call)
      if (!takeRetry(own.locals.budget, rules.percent, call.exchange.ports.clock.now()))
        return false
      own.countRetry()
      return true
    },
  }
}
