/** What is measured of a target that hangs, and with which settings. */

export interface Hanging {
  readonly name: HangingCase
  readonly requests: number
  /** Answers that were not 200. */
  readonly failures: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export const HEDGE_AFTER_MS = 50
export const PER_TRY_MS = 250
export const HANGING_PER_SECOND = 200

/** In the order of the table. */
export const hangingTitles = {
  healthy: 'All three answer',
  hanging: 'One hangs; retries and hedging',
  budgeted: 'One hangs; retries and hedging, budget of 50 %',
  ejected: 'One hangs; retries, hedging and ejection',
} as const
export type HangingCase = keyof typeof hangingTitles
