/** Counts what calls came to between two reports. Plain data, bounded by the targets of the upstream. */

/** What calls to one target came to since the last report. A try counts once, retries and hedges included. */
export interface TargetTally {
  /** The target's URL: a list that discovery changes has no lasting indexes. */
  readonly target: string
  readonly succeeded: number
  /** No answer, a timeout, or a status that counts (calls/classify.ts). */
  readonly failed: number
  /** Of both: slower than `slowCallMs`. */
  readonly slow: number
  /** Failures since the last success, at the end of this report; those of reports before it included. */
  readonly failuresInRow: number
  /** Mean time to headers of those that answered, milliseconds; null where none did. */
  readonly latencyMs: number | null
}

export interface UpstreamTally {
  /** First tries, and tries beyond them. */
  readonly requests: number
  readonly retries: number
  readonly targets: readonly TargetTally[]
  /** Failures since the last success over all targets, at the end of this report. */
  readonly failuresInRow: number
  /** The longest Retry-After that a failing target sent, seconds; null for none. */
  readonly retryAfterSeconds: number | null
}

/** One try's outcome. */
export interface Outcome {
  readonly target: string
  readonly failed: boolean
  readonly slow: boolean
  /** Until headers, milliseconds; null where nothing answered. */
  readonly latencyMs: number | null
  readonly retryAfterSeconds: number | null
}
