/**
 * The shape of a part: one thing that is known of an upstream by the whole fleet (its breaker, its retry budget,
 * which targets are ejected). A part has two pure sides: `FleetPart` lives in the upstream's object, `LinkPart` in
 * each isolate. State is plain data that JSON can carry, and `now` is always an argument.
 */
import type { Environment, Network, Timers } from '../../platform/ports.ts'
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
  /** The route, where it is about one. */
  readonly route?: string
  /** Of a report, which is no change of state: it is written, and not kept among the last changes. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export interface Turn<State> {
  readonly state: State
  /** What changed; left out where nothing did. */
  readonly notices?: readonly Notice[]
}

/** The side of a part in the object. `Kept` is what survives the object's sleep, `News` what its work brings. */
export interface FleetPart<Options, Word, State, View, Kept = null, News = never> {
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
  /** A target that says of itself that it is there, or no longer. */
  register?(state: State, word: Registration, context: PartContext<Options>): Turn<State>
  /** What operators are shown; where missing, the part is not shown. */
  show?(state: State, context: PartContext<Options>): unknown
  /** When the object has to wake for this part although nobody asks, milliseconds since 1970; null for never. */
  wakeAt?(state: State, context: PartContext<Options>): number | null
  /** What it does then, at once. */
  wake?(state: State, context: PartContext<Options>): Turn<State>
  /**
   * What it does then where it has to wait for others. Runs beside messages, one at a time for each part, so the
   * state may be another when it is done. Reports its failures as news.
   */
  work?(state: State, context: PartContext<Options>, io: WakeIo): Promise<News>
  absorb?(state: State, news: News, context: PartContext<Options>): Turn<State>
  /** Whether an isolate cannot go on without what the work that is due will bring: its message is answered then. */
  isAwaited?(state: State, word: Word | null, context: PartContext<Options>): boolean
}

/** Where a target is, and what share it takes. */
export interface Entry {
  readonly url: string
  readonly weight: number
  readonly priority: number
  readonly zone: string | null
  /** Takes no new callers: only those that a cookie binds to it. */
  readonly draining: boolean
}

export type Registration =
  | { readonly kind: 'register'; readonly entry: Entry; readonly forMs: number }
  | { readonly kind: 'deregister'; readonly url: string }

export type PartCommand =
  | { readonly kind: 'force'; readonly state: 'open' | 'closed' }
  | { readonly kind: 'reset' }

/** What an object that woke may ask of its host. */
export interface WakeIo {
  readonly network: Network
  /** Secrets are read here: messages carry their names alone. */
  readonly environment: Environment
  readonly timers: Timers
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
  /** Whether what was learnt last is for the object to judge: it hears of that soon, but not of each try. */
  suspects?(local: Local): boolean
}

export interface LearnContext<Options> {
  readonly options: Options
  readonly now: number
  /** From 0 (included) to 1 (excluded), fresh. */
  fraction(): number
}
