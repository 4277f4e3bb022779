/**
 * The fleet's side of the retry budget: who has how much of the floor. What is out never exceeds it, also while
 * isolates come: a new one gets a part of what nobody has, and the others are cut to an equal part when they next
 * report. Where the share of the requests is more than the floor, there is no floor to give. Pure; plain data.
 */
import { FLOOR_PER_SECOND } from './budget-core.ts'

export interface Grant {
  readonly ratePerSecond: number
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface FleetBudget {
  /** By isolate; bounded by its expiry and `MOST_ISOLATES`. */
  readonly grants: Record<string, Grant>
  /** Requests of the fleet in this interval and in the one before. */
  counting: number
  counted: number
  /** When this interval began, milliseconds since 1970. */
  since: number
}

const INTERVAL_MS = 10_000 // The isolates' own measure (budget-core.ts).
const GRANT_MS = 15_000 // Three reports at their slowest, one in 5 s: one that is lost takes nothing away.
const MARGIN_MS = 1_000 // The isolate counts from before it asked, the object from when it granted, and then some.
const MOST_ISOLATES = 1_000

export function noGrants(now: number): FleetBudget {
  return { grants: {}, counting: 0, counted: 0, since: now }
}

export interface Asking {
  readonly isolate: string
  /** First tries since its last report. */
  readonly requests: number
  readonly percent: number
}

/** What the isolate has of the floor from now on; changes `budget`. */
export function share(budget: FleetBudget, asking: Asking, now: number) {
  count(budget, asking.requests, now)
  const { grants } = budget
  let others = 0
  let taken = 0
  for (const [isolate, { until, ratePerSecond }] of Object.entries(grants)) {
    if (until <= now) delete grants[isolate]
    else if (isolate !== asking.isolate) {
      others += 1
      taken += ratePerSecond
    }
  }
  const floor = Math.max(0, FLOOR_PER_SECOND - (ratePerSecond(budget, now) * asking.percent) / 100)
  const left = Math.max(0, floor - taken)
  const isKnown = Object.hasOwn(grants, asking.isolate)
  const isFull = !isKnown && others >= MOST_ISOLATES
  // Half for one that is new: the next that comes finds something, too.
  const most = isKnown ? left : left / 2
  const rate = isFull ? 0 : Math.min(floor / (others + 1), most)
  if (!isFull) grants[asking.isolate] = { ratePerSecond: rate, until: now + GRANT_MS + MARGIN_MS }
  return { ratePerSecond: rate, forMs: GRANT_MS }
}

function count(budget: FleetBudget, requests: number, now: number): void {
  const passed = now - budget.since
  if (passed >= INTERVAL_MS) {
    budget.counted = passed < 2 * INTERVAL_MS ? budget.counting : 0
    budget.counting = 0
    budget.since = now
  }
  budget.counting += requests
}

/** The lower of the two readings: the floor is better given once too often than missing where traffic ends. */
function ratePerSecond({ counting, counted, since }: FleetBudget, now: number): number {
  const seconds = Math.max(1, (now - since) / 1000)
  return Math.min(counting / seconds, (counting + counted) / (seconds + INTERVAL_MS / 1000))
}
