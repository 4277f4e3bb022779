/** Asks of a request whether its upstream can take it now. What nobody limits costs two look-ups and no hop. */
import type { Capacity } from '../../pipeline/policy.ts'
import type { BoundLink } from '../state/bind-link.ts'
import { INTERVAL_MS } from './core.ts'
import { type AdaptiveRules, keyOf } from './rules.ts'

/** More may be let through after the next interval; not all who were refused shall come back at once. */
const RETRY_SECONDS = INTERVAL_MS / 1000

export function bindCapacity(link: BoundLink, rules: AdaptiveRules): Capacity {
  const key = keyOf(rules)
  return function capacity(exchange, priority) {
    const own = link.of({ exchange })
    const local = own.locals.adaptive
    local.arrived[priority] += 1
    const share = local.shares[key]?.[priority] ?? 1
    const { ports } = exchange
    if (share >= 1 || ports.clock.now() >= local.until) return null
    const fraction = ports.randomness.fraction()
    if (fraction < share) return null
    // Where all are refused no call comes back to hear what is new.
    own.refresh(ports, link.spec)
    const spread = (fraction - share) / (1 - share)
    return RETRY_SECONDS + Math.floor(spread * (RETRY_SECONDS + 1))
  }
}
