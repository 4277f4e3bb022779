/**
 * Decides what one call gets: as many of the waiting requests as fit, and a lease where the isolate's fair share is
 * worth one (LEASES.md §4, leases in batches). Pure.
 */
import { tokensIn, type Units } from '../units.ts'

/** At most this share of a full bucket in leases, and at most that share outstanding at all. */
const LEASED_SHARE = 0.5
const OUTSTANDING_SHARE = 0.9
// A smaller share is not leased: one by one the bucket is exact for everyone who asks.
const MIN_SHARE_TOKENS = 4
const MIN_LEASE_TOKENS = 2
// Calls that one object answers with ease: all isolates together pace themselves to it.
const CALLS_PER_SECOND = 200
// The refill of so long, or of half a bucket, is divided at once.
const REFILL_MS = 1_000
// Where the fair part of that refill has so many tokens, a dry isolate waits for half of it: a call per token would
// be a hop for nearly each request. Below, a refusal is remembered no longer than one token takes.
const BATCH_TOKENS = 16
const MAX_BATCH_WAIT_MS = 250

export interface Asked {
  readonly need: readonly number[]
  readonly want: number
  /** Tokens the isolate has in its pocket. */
  readonly pocket: number
}

export interface Standing {
  readonly units: Units
  /** Units. */
  readonly level: number
  /** Tokens that isolates hold. */
  readonly outstanding: number
  readonly isolates: number
  /** How long a lease may last; 0 where it may not. */
  readonly ttlMs: number
  /** Until the next period; null for a rate. */
  readonly resetMs: number | null
}

export interface Grant {
  readonly granted: number
  /** Tokens of the granted ones. */
  readonly direct: number
  readonly lease: number
  readonly waitMs: number
}

/** How many of the costs fit, from the first on, and what they come to. */
function longestPrefix(need: readonly number[], available: number): [number, number] {
  let [granted, direct] = [0, 0]
  for (const cost of need) {
    if (direct + cost > available) break
    direct += cost
    granted += 1
  }
  return [granted, direct]
}

export function decideGrant({ need, want, pocket }: Asked, standing: Standing): Grant {
  const { units, level, outstanding, isolates } = standing
  const { token, refill, full } = units
  const available = tokensIn(level, token)
  const [granted, direct] = longestPrefix(need, available)
  const isServed = granted === need.length
  const left = available - direct

  const share = Math.floor((LEASED_SHARE * full) / token / isolates)
  const fair = Math.max(0, share - pocket)
  const room = Math.max(0, Math.floor((OUTSTANDING_SHARE * full) / token - outstanding))
  const proportional = Math.floor(left / (2 * isolates)) // Shrinks as the bucket empties.
  const refillMs = Math.min(REFILL_MS, full / refill / 2)
  const quick = refill === 0 ? 0 : Math.floor((refill * refillMs) / token / isolates)
  let lease = Math.min(want, fair, room, left, Math.max(proportional, quick))
  // While someone waits for more than is there, what is there stays: else a high cost would never be had.
  if (lease < MIN_LEASE_TOKENS || share < MIN_SHARE_TOKENS || standing.ttlMs === 0 || !isServed) {
    lease = 0
  }

  const after = level - (direct + lease) * token
  const isDry = !isServed || left < Math.min(want, Math.max(1, fair))
  const missing = (need[granted] ?? 1) * token - after
  if (!isDry || missing <= 0) return { granted, direct, lease, waitMs: 0 }
  if (standing.resetMs !== null) return { granted, direct, lease, waitMs: standing.resetMs }
  const isBatched = quick >= BATCH_TOKENS && share >= MIN_SHARE_TOKENS
  const waitMs = Math.max(
    Math.ceil((1_000 * isolates) / CALLS_PER_SECOND),
    Math.ceil(missing / refill),
    isBatched ? Math.min(MAX_BATCH_WAIT_MS, Math.ceil(refillMs / 2)) : 0,
  )
  return { granted, direct, lease, waitMs }
}
