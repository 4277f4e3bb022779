/** Counts which keys the limits of a request saw, for operators: of each limit its key once, however many windows it has. */
import type { RefusedClaim } from '../buckets/claims.ts'
import { type Counts, countKey } from '../buckets/tally/counts.ts'
import type { Drawn } from './limits.ts'

/** `refused`: the claims that refused the request; null where it was not refused. */
export function countKeys(
  counts: Counts,
  drawn: readonly Drawn[],
  refused: readonly RefusedClaim[] | null,
): void {
  for (const { claims } of drawn) {
    const [first] = claims
    if (first === undefined) continue
    const isRefused = refused?.some(({ claim }) => claims.includes(claim)) ?? false
    countKey(counts, first.place, isRefused)
  }
}
