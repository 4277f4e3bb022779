/** What isolates tell the tally of the keys that they see, and what operators get of it. Plain data. */
import type { TopSummary } from '../top.ts'

/** By the policy's name for buckets. */
export type PolicySummary = readonly [policy: string, summary: TopSummary]

export interface TallyReport {
  /** Random, made when the isolate first counts. */
  readonly isolate: string
  /** What was counted since the last report. */
  readonly policies: readonly PolicySummary[]
}

export interface TallyAnswer {
  /** Do not come before so long. */
  readonly nextMs: number
}

export interface TallyView {
  /** Since when it was counted, milliseconds since 1970. */
  readonly since: number
  readonly policies: readonly PolicySummary[]
}
