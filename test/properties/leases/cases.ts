/**
 * The load cases A-Q, as their titles say: shape, arrivals, length, and what leases in batches reach there: calls per
 * admitted request and the share of the limit (or of the offer, if that is less) that the second half admits.
 */
import type { RateShape } from '../../../src/buckets/shape.ts'
import { type Arrivals, either, onOff, poisson } from './arrivals.ts'
import { goodWire, type Wire } from './network.ts'

export interface LoadCase {
  readonly title: string
  readonly shape: RateShape
  readonly arrivals: readonly (() => Arrivals)[]
  readonly durationMs: number
  /** What the design was measured with: the tests allow half as much again. */
  readonly callsPerAdmitted: number
  /** Percent at least; null where the load is too short to be steady. */
  readonly steadyPercent: number | null
  readonly chaos: boolean
}

function rate(limit: number, windowMs: number, burst: number): RateShape {
  return { kind: 'rate', limit, windowMs, burst }
}

function each(count: number, perSecond: number): readonly (() => Arrivals)[] {
  return Array.from({ length: count }, () => () => poisson(perSecond))
}

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 3_600_000

/** 2 % of the calls and 5 % of the replies are lost. */
export const chaosWire: Wire = { ...goodWire, callLoss: 0.02, replyLoss: 0.05 }

const calm = { chaos: false, steadyPercent: 92 } as const
const chaos = { chaos: true, steadyPercent: null } as const

export const loadCases: readonly LoadCase[] = [
  {
    title: 'A: 5 a minute, burst 5; 3 isolates at 1/s',
    shape: rate(5, MINUTE, 5),
    arrivals: each(3, 1),
    durationMs: 1_200_000,
    callsPerAdmitted: 2.94,
    ...calm,
  },
  {
    title: 'B: 100 a minute, burst 100; 50 isolates at 1/s',
    shape: rate(100, MINUTE, 100),
    arrivals: each(50, 1),
    durationMs: 300_000,
    callsPerAdmitted: 17.2,
    ...calm,
  },
  {
    title: 'C: 300 a minute, burst 300; one isolate at 100/s and nine at 1/s',
    shape: rate(300, MINUTE, 300),
    arrivals: [...each(1, 100), ...each(9, 1)],
    durationMs: 300_000,
    callsPerAdmitted: 1.88,
    ...calm,
  },
  {
    title: 'D: 1000 an hour, burst 1000; 10 isolates at 4/s for 20 s of 60',
    shape: rate(1000, HOUR, 1000),
    arrivals: Array.from(
      { length: 10 },
      (_, index) => () =>
        onOff({ perSecond: 4, fromMs: index * 6000, onMs: 20_000, everyMs: MINUTE }),
    ),
    durationMs: 1_200_000,
    callsPerAdmitted: 1.04,
    ...calm,
  },
  {
    title: 'E: 100/s, burst 100; one isolate at 1000/s',
    shape: rate(100, SECOND, 100),
    arrivals: each(1, 1000),
    durationMs: 60_000,
    callsPerAdmitted: 0.0252,
    ...calm,
  },
  {
    title: 'F: 100/s, burst 100; 50 isolates at 10/s',
    shape: rate(100, SECOND, 100),
    arrivals: each(50, 10),
    durationMs: 60_000,
    callsPerAdmitted: 1.18,
    ...calm,
  },
  {
    title: 'G: 10,000/s, burst 10,000; from nothing to 20,000/s on 20 isolates',
    shape: rate(10_000, SECOND, 10_000),
    arrivals: each(20, 1000),
    durationMs: 12_000,
    callsPerAdmitted: 0.0066,
    ...calm,
  },
  {
    title: 'H: 10,000/s, burst 1000; one isolate at 5000/s and 49 at 200/s',
    shape: rate(10_000, SECOND, 1000),
    arrivals: [...each(1, 5000), ...each(49, 200)],
    durationMs: 12_000,
    callsPerAdmitted: 0.0331,
    ...calm,
  },
  {
    title: 'I: 10,000/s, burst 10,000; 4 isolates at 2000/s',
    shape: rate(10_000, SECOND, 10_000),
    arrivals: each(4, 2000),
    durationMs: 12_000,
    callsPerAdmitted: 0.0011,
    ...calm,
  },
  {
    title: 'J: 1000/s, burst 5000; 10 isolates at 50/s',
    shape: rate(1000, SECOND, 5000),
    arrivals: each(10, 50),
    durationMs: 30_000,
    callsPerAdmitted: 0.0116,
    ...calm,
  },
  {
    title: 'K: 5 a minute; a flood of 200/s on 20 isolates',
    shape: rate(5, MINUTE, 5),
    arrivals: each(20, 200),
    durationMs: 180_000,
    callsPerAdmitted: 14.5,
    ...calm,
  },
  {
    title: 'L: 100/s, burst 200; 20 isolates at 20/s, with losses, deaths, restarts and refunds',
    shape: rate(100, SECOND, 200),
    arrivals: each(20, 20),
    durationMs: 60_000,
    callsPerAdmitted: 0.3674,
    ...chaos,
  },
  {
    title: 'M: 10,000/s, burst 5000; 10 isolates at 2000/s, with the same',
    shape: rate(10_000, SECOND, 5000),
    arrivals: each(10, 2000),
    durationMs: 15_000,
    callsPerAdmitted: 0.0043,
    ...chaos,
  },
  {
    title: 'N: 100/s, burst 100; 10 isolates with bursts of 0.2-0.3 s',
    shape: rate(100, SECOND, 100),
    arrivals: Array.from(
      { length: 10 },
      () => () =>
        either(
          onOff({ perSecond: 60, fromMs: 0, onMs: 300, everyMs: 3000 }),
          onOff({ perSecond: 300, fromMs: 2400, onMs: 200, everyMs: 3000 }),
        ),
    ),
    durationMs: 60_000,
    callsPerAdmitted: 0.3121,
    chaos: false,
    steadyPercent: null,
  },
  {
    title: 'P: 10,000/s, burst 10,000; 300 isolates at 60/s',
    shape: rate(10_000, SECOND, 10_000),
    arrivals: each(300, 60),
    durationMs: 12_000,
    callsPerAdmitted: 0.1006,
    ...calm,
  },
  {
    title: 'Q: 100/s, burst 100; 300 isolates at 2/s',
    shape: rate(100, SECOND, 100),
    arrivals: each(300, 2),
    durationMs: 60_000,
    callsPerAdmitted: 2.05,
    ...calm,
  },
]
