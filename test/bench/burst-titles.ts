/** What is measured of a burst of requests for one thing that is stored nowhere. */

export interface Burst {
  readonly name: BurstCase
  /** Of each burst. */
  readonly requests: number
  readonly bursts: number
  /** Answers that are not 200, over all bursts: they make the row worthless. */
  readonly failures: number
  /** What the service had to answer, of the burst that asked it most. */
  readonly mostFetches: number
  /** Medians: of the gateways' process, and from the first request to the last answer. */
  readonly cpuMs: number
  readonly elapsedMs: number
}

export const BURST_REQUESTS = 1_000
/** What the service takes for an answer: long enough for the burst to be there before it comes. */
export const SERVICE_MS = 300

export interface BurstTitle {
  readonly title: string
  /** Fetches of the service that a burst may cost. */
  readonly reach: number | null
}

/** In the order of the table. */
export const burstTitles = {
  uncached: { title: 'Without a cache', reach: null },
  edge: { title: '`cache`, `store: "edge"`: one fetch per isolate', reach: 8 },
  both: { title: '`cache`: one fetch over all isolates', reach: 1 },
} as const satisfies Readonly<Record<string, BurstTitle>>

export type BurstCase = keyof typeof burstTitles
