/** What is measured of answers that are made of others: aggregates, streams of parts, and bodies that are changed. */
import type { DuelPlan } from './duel.ts'

export interface ByHand {
  readonly title: string
  /** The Worker that is written by hand for just this. */
  readonly beside: string
  /** What the CPU is to stay below in terms of that Worker's. */
  readonly atMost: number | null
}

/** In the order of the table. */
export const byHand = {
  noise: {
    title: 'The shortest Worker again (A/A: the noise)',
    beside: 'the shortest: three `fetch` in `Promise.all`, `json()`, `Response.json`',
    atMost: null,
  },
  three: {
    title: 'isogate, an aggregate of three calls, event log on',
    beside: 'the shortest',
    atMost: 1.25,
  },
  whole: {
    title: 'The same',
    beside: 'one that does as much: time limits, fields passed on, defaults, `ETag`',
    atMost: null,
  },
  batch: {
    title: 'isogate, `forEach` over 20 items with `batch`: two calls',
    beside: 'two `fetch`, joined by a `Map`',
    atMost: null,
  },
  change: {
    title: 'isogate, `transform-response`: `pick` and `rename` in 10 kB',
    beside: 'one that parses, changes and writes it',
    atMost: null,
  },
} as const satisfies Readonly<Record<string, ByHand>>

export type ByHandCase = keyof typeof byHand

/** Both sides are measured directly against each other, so that fewer turns tell as much. */
export const byHandPlan: DuelPlan = {
  generations: 1,
  rounds: 6,
  pairs: 6,
  sliceRequests: 100,
  warmUpRequests: 3_000,
}

/** Milliseconds that the three services take. */
export const SERVICES_MS = [5, 50, 200] as const

/** How much later than the fastest required part the first byte of a stream may be. */
export const FIRST_BYTE_REACH_MS = 5

/** From when the request is sent. */
export interface FirstByte {
  readonly requests: number
  readonly failures: number
  /** Of a stream of parts, of which the fastest service's is required. */
  readonly stream: Latency
  /** Of the fastest service alone, on a plain route of the same gateway. */
  readonly routed: Latency
  /** Of the fastest service, asked directly. */
  readonly direct: Latency
}

export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
}

export const HUNDRED = 100

/** What a gateway holds before and after many requests for an aggregate of a hundred calls. */
export interface Hundred {
  readonly requests: number
  readonly failures: number
  readonly beforeMiB: number
  readonly afterMiB: number
  /** The most that was seen while they ran. */
  readonly mostMiB: number
  /** One after another on each of a few connections: the median of slices. */
  readonly perRequestMs: number
}
