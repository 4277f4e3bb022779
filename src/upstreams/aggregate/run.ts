/** Runs the calls of an aggregate: each begins when what it waits for is over. The first required failure calls the rest off. */
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Failed, Part, Single } from './part.ts'
import type { PlannedCall } from './plan.ts'
import type { Slots } from './slots.ts'

export type RunEnd =
  /** All calls are over: their parts, in the order of the table. */
  | { readonly kind: 'complete'; readonly parts: readonly Part[] }
  /** A required call failed: the others were called off. */
  | { readonly kind: 'lacking'; readonly call: PlannedCall; readonly failed: Failed }

export interface Run {
  /** What one call came to; never, where it was called off. */
  part(index: number): Promise<Part>
  /**
   * Is told of each item of a call with `forEach` as it is over, for answers that stream; set before anything can be.
   * An item that nobody was told of comes with its list.
   */
  onItem?: (call: number, item: number, single: Single) => void
  /** Rejects for a bug alone: the request's 500. */
  readonly done: Promise<RunEnd>
  /** Calls off all that is not over: nothing of this request runs on. */
  cancel(): void
}

/** What a call is run with. */
export interface CallRun {
  /** Of the whole request: what is written for one call goes to a copy of it. */
  readonly exchange: Exchange
  readonly slots: Slots
  /** When the time of the whole is over, milliseconds since 1970; null for no limit. */
  readonly endsAt: number | null
  /** Aborted when the call is called off. */
  readonly signal: AbortSignal
  /** With `forEach`: is told of each item as it is over. */
  readonly onItem?: (item: number, single: Single) => void
}
