/**
 * The judge: what was admitted is held against the bound itself, in exact arithmetic and with nothing of the
 * production modules. Instants are whole milliseconds of the object's clock.
 */
import type { QuotaShape, RateShape } from '../../../src/buckets/shape.ts'

const COSTS = 4096 // A cost below this and its instant share one number, so that millions sort fast.

/** What was admitted in a run, in any order. */
export class Admissions {
  readonly #packed: number[] = []
  total = 0

  add(atMs: number, cost: number): void {
    if (cost >= COSTS) throw new RangeError(`a cost of ${cost} is too high for the judge`)
    this.#packed.push(Math.floor(atMs) * COSTS + cost)
    this.total += cost
  }

  get count(): number {
    return this.#packed.length
  }

  /** Calls `see` with each of them, oldest first. */
  inOrder(see: (atMs: number, cost: number) => void): void {
    for (const packed of Float64Array.from(this.#packed).sort()) {
      const at = Math.floor(packed / COSTS)
      see(at, packed - at * COSTS)
    }
  }

  /** What was admitted from `fromMs` on. */
  since(fromMs: number): number {
    let total = 0
    this.inOrder((at, cost) => {
      if (at >= fromMs) total += cost
    })
    return total
  }
}

/** The most that was admitted above `burst + limit × T / window` in any interval, in tokens; 0 or less is right. */
export function excessOverRate(shape: RateShape, admissions: Admissions): number {
  // One token is `windowMs` parts, so that a millisecond refills `limit` of them: all is whole.
  const token = BigInt(shape.windowMs)
  const refill = BigInt(shape.limit)
  const full = BigInt(shape.burst) * token
  let level = full
  let lowest = full
  let last: number | null = null
  admissions.inOrder((at, cost) => {
    if (last !== null && at > last) {
      level += BigInt(at - last) * refill
      if (level > full) level = full
    }
    last = at
    level -= BigInt(cost) * token
    if (level < lowest) lowest = level
  })
  return Number(-lowest) / shape.windowMs
}

/** The most that was admitted above `limit` in one period; 0 or less is right. */
export function excessOverQuota(shape: QuotaShape, admissions: Admissions): number {
  const used = new Map<number, number>()
  admissions.inOrder((at, cost) => {
    const period = startOfPeriod(shape, at)
    used.set(period, (used.get(period) ?? 0) + cost)
  })
  return Math.max(...used.values(), 0) - shape.limit
}

function startOfPeriod({ period }: QuotaShape, at: number): number {
  if (period.per === 'anchored') {
    return Math.floor((at - period.anchorMs) / (period.everyDays * 86_400_000))
  }
  const lengths = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
  if (period.per === 'week') return Math.floor((at / 86_400_000 - 4) / 7) // 1970 began on a Thursday.
  if (period.per === 'month') return Number(new Date(at).toISOString().slice(0, 7).replace('-', ''))
  return Math.floor(at / lengths[period.per])
}

/** The most intervals that were open at the same instant; one that ends at an instant is over at it. */
export function mostAtOnce(intervals: readonly { readonly from: number; readonly to: number }[]) {
  const edges = intervals.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ])
  edges.sort((one, other) => one.at - other.at || one.by - other.by)
  let open = 0
  let most = 0
  for (const { by } of edges) {
    open += by
    if (open > most) most = open
  }
  return most
}
