/** What `split` of a route means, with every default in place. */
import type { RollbackRules } from './core.ts'
import type { RampRules } from './ramp-core.ts'
import type { SplitOptions } from './schema.ts'

export function rampRules({ ramp }: SplitOptions): RampRules | null {
  if (ramp === undefined) return null
  const { from = 0, to = 100, steps = 10, overSeconds, startAt } = ramp
  return {
    fromPercent: from,
    toPercent: to,
    steps,
    overMs: 1000 * overSeconds,
    startAt: Date.parse(startAt),
  }
}

export function rollbackRules({ rollback }: SplitOptions): RollbackRules | null {
  if (rollback === undefined) return null
  return {
    errorPercent: rollback.errorPercent ?? null,
    latencyPercent: rollback.latencyPercent ?? null,
    minimumRequests: rollback.minimumRequests ?? 100,
    windowMs: 1000 * (rollback.windowSeconds ?? 300),
  }
}
