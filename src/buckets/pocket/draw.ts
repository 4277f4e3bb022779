/** One claim of one request on its way to a ticket: what `takeAll` asks of each kind of bucket. */
import type { Claim, RefusedClaim, Ticket } from '../claims.ts'

export type Verdict = 'held' | 'refused' | 'missing' | 'faulted'

export interface Draw extends Ticket {
  /** Counts the demand, and tells whether it can be had here. Takes nothing. */
  look(now: number): Verdict
  /** Takes it if it is still there. */
  take(now: number): Verdict
  /** Asks the object, and takes what it grants. */
  fetch(): Promise<Verdict>
  /** What stands in for a store that failed; null where nothing may. */
  fallback(): Ticket | RefusedClaim | null
  refusal(now: number): RefusedClaim
}

export function isTicket(outcome: Ticket | RefusedClaim): outcome is Ticket {
  return 'settle' in outcome
}

/** A refusal; `retryAfterMs` null is never. */
export function refusedClaim(
  claim: Claim,
  retryAfterMs: number | null,
  overloaded: boolean,
): RefusedClaim {
  return { claim, retryAfterMs, overloaded, remaining: 0 }
}
