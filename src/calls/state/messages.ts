/**
 * What an isolate and an upstream's object say to each other. Plain data. The object holds, for the whole fleet
 * (or one location), what no isolate can know alone; each part of it has its own folder of `calls/` with a pure
 * core, and its options come with every report, so that objects know nothing of tables.
 */
import type { BreakerView } from '../breaker/core.ts'

/** What the table says of the parts that live in the object; null where it says nothing. */
export interface UpstreamSpec {
  readonly breaker: Readonly<Record<string, unknown>> | null
}

/** What calls to one target came to since the last report. A try counts once, retries and hedges included. */
export interface TargetTally {
  /** The target's URL: a list that discovery changes has no lasting indexes. */
  readonly target: string
  readonly succeeded: number
  /** Failures by the breaker's and ejection's reading: no answer, a timeout, or a status that counts. */
  readonly failed: number
  /** Of both: slower than `slowCallMs`. */
  readonly slow: number
  /** Failures since the last success, at the end of this report. */
  readonly failuresInRow: number
  /** Mean time to headers of those that answered, milliseconds; null where none did. */
  readonly latencyMs: number | null
}

/** Isolate → object. */
export interface UpstreamReport {
  /** Random per isolate. */
  readonly isolate: string
  /** 1, 2, 3 …: a report that comes twice counts once. */
  readonly seq: number
  readonly spec: UpstreamSpec
  /** First tries, and tries beyond them, since the last report. */
  readonly requests: number
  readonly retries: number
  readonly targets: readonly TargetTally[]
  /** The longest Retry-After that a failing target sent since the last report, seconds; null for none. */
  readonly retryAfterSeconds: number | null
  /** Outcomes of probes that were let through, by their token. */
  readonly probes: readonly {
    readonly token: string
    readonly outcome: 'succeeded' | 'failed' | 'abandoned'
  }[]
  /** How many probes it could use now: it has requests that wait for them. */
  readonly wantsProbes: number
}

/** Object → isolate. */
export interface UpstreamSnapshot {
  readonly breaker: BreakerView | null
  /** Tokens for probes that this isolate may let through. */
  readonly probeTokens: readonly string[]
  /** Come again after so long, unless there is news before. */
  readonly nextMs: number
}

/** An operator's command over the admin API. */
export type UpstreamCommand =
  | { readonly kind: 'look' }
  | { readonly kind: 'force'; readonly state: 'open' | 'closed' }
  | { readonly kind: 'reset' }
