/**
 * The shape of a part: one thing that is known of an upstream by the whole fleet (its breaker, its retry budget,
 * which targets are ejected). A part has two pure sides: `FleetPart` lives in the upstream's object, `LinkPart` in
 * each isolate. State is plain data that JSON can carry, and `now` is always an argument.
 */
import type { Outcome, UpstreamTally } from './tally.ts'

/** What a part is given with every message. `Options` come from the table of the isolate that sent it. */
export interface PartContext<Options> {
  readonly options: Options
  readonly now: number
  /** From 0 (included) to 1 (excluded), fresh. */
  readonly fraction: number
  /** Random hex digits, fresh: the root of tokens. */
  readonly nonce: string
}

/** What an isolate says to a part: the outcomes since its last report, and the part's own word. */
export interface Said<Word> {
  readonly isolate: string
  /** Null where the message only asks, or brings a report that was counted before. */
  readonly tally: UpstreamTally | null
  readonly word: Word | null
}

/** One change that operators want to know: a line of its own in the log (docs/events.md). */
export interface Notice {
  readonly notice: string
  readonly from: string
  readonly to: string
  /** In kebab-case. */
  readonly reason: string
  /** How long the new state holds, where that is known. */
  readonly forSeconds: number | null
  /** The target's URL, where it is about one. */
  readonly target?: string
}

export interface Turn<State> {
  readonly state: State
  /** What changed; left out where nothing did. */
  readonly notices?: readonly Notice[]
}

/** The side of a part in the object. `Kept` is what survives the object's sleep. */
export interface FleetPart<Options, Word, State, View, Kept = null> {
  /** What is known before the first message; `kept` is null where nothing was kept. */
  begin(kept: Kept | null, now: number): State
  /** Takes in what an isolate says, and tells it what it should know. */
  exchange(
    state: State,
    said: Said<Word>,
    context: PartContext<Options>,
  ): Turn<State> & { readonly view: View }
  /** What must survive sleep: written to storage when it differs from what was written last. */
  keep(state: State): Kept | null
  /** An operator's word, where the part has a use for it. */
  command?(state: State, command: PartCommand, context: PartContext<Options>): Turn<State>
  /** What operators are shown; where missing, the part is not shown. */
  show?(state: State, context: PartContext<Options>): unknown
  /** When the object has to wake for this part although nobody asks, milliseconds since 1970; null for never. */
  wakeAt?(state: State, context: PartContext<Options>): number | null
  /** What it does then. */
  wake?(state: State, context: PartContext<Options>, io: WakeIo): Promise<Turn<State>>
}

export type PartCommand =
  | { readonly kind: 'force'; readonly state: 'open' | 'closed' }
  | { readonly kind: 'reset' }

/** What an object that woke may ask of its host. */
export interface WakeIo {
  fetch(url: string, init: RequestInit): Promise<Response>
}

/** When a snapshot holds: durations count from before it was asked for (LEASES.md: nobody compares clocks). */
export interface Hearing<Options> {
  readonly options: Options
  readonly sentAt: number
  readonly now: number
}

/** The side of a part in an isolate: `Local` is changed in place, holds plain data only, and outlives requests. */
export interface LinkPart<Options, Word, View, Local> {
  start(): Local
  /** What to add to the message that leaves now; null for nothing. What it gives it forgets. */
  say(local: Local, now: number): Word | null
  /** The message with this word did not arrive, as far as is known. */
  unsay(local: Local, word: Word): void
  /** The object did not answer a message. */
  missed?(local: Local, now: number): void
  hear(local: Local, view: View, hearing: Hearing<Options>): void
  /** Takes in one try, at once; true where the object has to hear of it now. */
  learn?(local: Local, outcome: Outcome, context: LearnContext<Options>): boolean
}

export interface LearnContext<Options> {
  readonly options: Options
  readonly now: number
  /** From 0 (included) to 1 (excluded), fresh. */
  fraction(): number
}
