/** The retry budget of a fleet: 50 isolates of an upstream that fails every call, in virtual time. */
import { expect, test } from 'vitest'
import {
  ADVANCE,
  countRequest,
  emptyPurse,
  FLOOR_PER_SECOND,
  grant,
  type Purse,
  takeRetry,
} from '../../src/calls/retry/budget-core.ts'
import { noGrants, share } from '../../src/calls/retry/fleet-core.ts'

const ISOLATES = 50
const PERCENT = 20
const ATTEMPTS = 3
const REPORT_EVERY_MS = 5_000
const STEP_MS = 20
const SECONDS = 60

/** mulberry32: small, and the same on every machine. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Isolate {
  readonly name: string
  readonly purse: Purse
  requests: number
  reportAt: number
  /** Reports on their way, and answers on theirs. */
  readonly inbox: { readonly at: number; readonly arrive: () => void }[]
}

interface Outage {
  /** Of the whole fleet. */
  readonly requestsPerSecond: number
  readonly delayMs: number
  /** The share of messages that never arrive. */
  readonly lost: number
  /** The share of requests that go to the first isolate; the others divide the rest. */
  readonly skew: number
}

/** Runs an outage; gives the requests and retries of the fleet. */
function run(outage: Outage, seed: number) {
  const random = chance(seed)
  const fleet = noGrants(0)
  const isolates = Array.from({ length: ISOLATES }, (_, index): Isolate => {
    const reportAt = Math.floor(random() * REPORT_EVERY_MS)
    return { name: `${index}`, purse: emptyPurse(), requests: 0, reportAt, inbox: [] }
  })
  let requests = 0
  let retries = 0
  for (let now = 0; now < SECONDS * 1000; now += STEP_MS) {
    for (const isolate of isolates) step(isolate, now)
    const expected = (outage.requestsPerSecond * STEP_MS) / 1000
    const count = Math.floor(expected) + (random() < expected % 1 ? 1 : 0)
    for (let request = 0; request < count; request += 1) fail(now)
  }
  return { requests, retries }

  /** A request whose every try fails. */
  function fail(now: number): void {
    const isFirst = random() < outage.skew
    const isolate = isolates[isFirst ? 0 : Math.floor(random() * ISOLATES)]!
    requests += 1
    isolate.requests += 1
    countRequest(isolate.purse, now)
    for (let tries = 1; tries < ATTEMPTS; tries += 1) {
      if (!takeRetry(isolate.purse, PERCENT, now)) return
      retries += 1
    }
  }

  function step(isolate: Isolate, now: number): void {
    for (const message of isolate.inbox.filter(({ at }) => at <= now)) {
      isolate.inbox.splice(isolate.inbox.indexOf(message), 1)
      message.arrive()
    }
    if (isolate.reportAt > now) return
    isolate.reportAt = now + REPORT_EVERY_MS
    report(isolate, now)
  }

  function report(isolate: Isolate, sentAt: number): void {
    if (random() < outage.lost) return
    const told = isolate.requests
    isolate.requests = 0
    const at = sentAt + random() * outage.delayMs
    isolate.inbox.push({
      at,
      arrive() {
        const asking = { isolate: isolate.name, requests: told, percent: PERCENT }
        const { ratePerSecond, forMs } = share(fleet, asking, at)
        if (random() < outage.lost) return
        const back = at + random() * outage.delayMs
        isolate.inbox.push({
          at: back,
          arrive: () => grant(isolate.purse, ratePerSecond, sentAt + forMs, back),
        })
      },
    })
  }
}

const calm: Outage = { requestsPerSecond: 0, delayMs: 300, lost: 0, skew: 0 }
const seeds = [Date.now() % 1_000_000, 1, 2]

const outages: readonly (readonly [string, Outage])[] = [
  ['much traffic', { ...calm, requestsPerSecond: 2_000 }],
  ['some traffic', { ...calm, requestsPerSecond: 200 }],
  ['as much as makes share and floor equal', { ...calm, requestsPerSecond: 50 }],
  ['little traffic', { ...calm, requestsPerSecond: 20 }],
  ['hardly any traffic', { ...calm, requestsPerSecond: 1 }],
  ['most traffic at one isolate', { ...calm, requestsPerSecond: 300, skew: 0.9 }],
  [
    'messages that are late and lost',
    { ...calm, requestsPerSecond: 100, lost: 0.3, delayMs: 2_000 },
  ],
  ['an object that is never heard', { ...calm, requestsPerSecond: 20, lost: 1 }],
]

test.each(outages.flatMap(([name, outage]) => seeds.map((seed) => [name, seed, outage] as const)))(
  'with %s the fleet stays within its budget while all fails (seed %d)',
  (_, seed, outage) => {
    const { requests, retries } = run(outage, seed)
    const budget = Math.max((requests * PERCENT) / 100, FLOOR_PER_SECOND * SECONDS)
    // What each isolate has before it hears of the others, once in its life.
    expect(retries).toBeLessThanOrEqual(budget + ADVANCE * ISOLATES)
  },
)

test.each(seeds)(
  'where each isolate has traffic nothing comes on top of the share (seed %d)',
  (seed) => {
    const { requests, retries } = run({ ...calm, requestsPerSecond: 2_000 }, seed)
    expect(retries).toBeLessThanOrEqual((requests * PERCENT) / 100)
    // Nor is the share left unused.
    expect(retries).toBeGreaterThan((requests * PERCENT) / 100 / 1.1)
  },
)
