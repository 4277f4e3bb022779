/** What `breaker` of a table means, with every default in place. Plain data: it travels to the upstream's object. */
import type { BreakerRules } from './core.ts'
import type { BreakerOptions } from './schema.ts'

export function breakerRules(options: BreakerOptions): BreakerRules {
  const openMs = 1000 * (options.openSeconds ?? 30)
  return {
    windowMs: 1000 * (options.windowSeconds ?? 10),
    minimumRequests: options.minimumRequests ?? 20,
    failurePercent: options.failurePercent ?? 50,
    consecutiveFailures: options.consecutiveFailures ?? null,
    slowPercent: options.slowCallMs === undefined ? null : (options.slowPercent ?? 80),
    openMs,
    maxOpenMs: Math.max(openMs, 1000 * (options.maxOpenSeconds ?? 300)),
    halfOpenProbes: options.halfOpenProbes ?? 3,
    rampMs: 1000 * (options.rampSeconds ?? 0),
  }
}
