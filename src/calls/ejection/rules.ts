/** What `ejection` of a table means, with nothing left out. Plain data: it travels to the upstream's object. */
import type { EjectionOptions } from './schema.ts'

export interface EjectionRules {
  /** 0 does not count failures in a row. */
  readonly consecutiveFailures: number
  readonly baseMs: number
  readonly maxMs: number
  /** How many targets may be ejected at a time. */
  readonly most: number
  /** Null where shares of failures do not count. */
  readonly failurePercent: number | null
  readonly successRateStdev: number | null
  readonly minimumRequests: number
}

/** The rules for an upstream of so many targets. The numbers are Envoy's, but for `maxPercent` (ROUTES.md §4). */
export function rulesOf(options: EjectionOptions, targets: number): EjectionRules {
  const baseMs = 1000 * (options.baseSeconds ?? 30)
  return {
    consecutiveFailures: options.consecutiveFailures ?? 5,
    baseMs,
    maxMs: Math.max(baseMs, 1000 * (options.maxSeconds ?? 300)),
    most: Math.floor((targets * (options.maxPercent ?? 50)) / 100),
    failurePercent: options.failurePercent ?? null,
    successRateStdev: options.successRateStdev ?? null,
    minimumRequests: options.minimumRequests ?? 50,
  }
}

/** How long the ejection lasts that comes after `times` others. */
export function ejectionMs({ baseMs, maxMs }: EjectionRules, times: number): number {
  return Math.min(maxMs, baseMs * (times + 1))
}
