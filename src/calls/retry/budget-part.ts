/** The retry budget as a part of what is known of an upstream: the object's side, and the isolate's. */
import type { FleetPart, LinkPart } from '../state/part.ts'
import { emptyPurse, grant, type Purse } from './budget-core.ts'
import { type FleetBudget, noGrants, share } from './fleet-core.ts'

export interface BudgetRules {
  readonly percent: number
}

/** Object → isolate: its part of the floor. */
export interface BudgetView {
  readonly ratePerSecond: number
  readonly forMs: number
}

/**
 * Nothing is kept: an object that slept had no request for longer than a grant holds. One that is moved while there
 * is traffic deals the floor out anew, so that for the 15 s of old grants twice of it may be out.
 */
export const budgetPart: FleetPart<BudgetRules, never, FleetBudget, BudgetView> = {
  begin: (_kept, now) => noGrants(now),

  exchange(state, { isolate, tally }, { options, now }) {
    const asking = { isolate, requests: tally?.requests ?? 0, percent: options.percent }
    return { state, view: share(state, asking, now) }
  },

  keep: () => null,

  show({ grants, counted }) {
    const given = Object.values(grants).map(({ ratePerSecond }) => ratePerSecond)
    const floorPerSecond = given.reduce((sum, rate) => sum + rate, 0)
    return { floorPerSecond, isolates: given.length, requests: counted }
  },
}

export const budgetLink: LinkPart<BudgetRules, never, BudgetView, Purse> = {
  start: emptyPurse,
  say: () => null,
  unsay: () => {},
  hear(purse, { ratePerSecond, forMs }, { sentAt, now }) {
    grant(purse, ratePerSecond, sentAt + forMs, now)
  },
}
