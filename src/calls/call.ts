/** One call of an upstream, and the type of what wraps it. Answers that failed are refusals, never exceptions. */
import type { Fields } from '../http/headers.ts'
import type { Answer, AnswerEdit, Exchange, Outgoing } from '../pipeline/exchange.ts'

export interface Target {
  /** Index in the upstream's list: the `target` of the event. */
  readonly index: number
  /** The target as the table or discovery names it: what state of it is kept under. */
  readonly url: string
  /** `scheme://host[:port]` and the base path, without a slash at the end; for a binding the base path alone. */
  readonly base: string
  /** The service binding's name, or null for http(s). */
  readonly binding: string | null
  readonly weight: number
  /** 0 comes first: others only take what those before them cannot. */
  readonly priority: number
  /** Where it runs: a continent or a colo, as `request.cf` names them; null is anywhere. */
  readonly zone: string | null
  /** Takes no new callers: only those that a cookie binds to it. */
  readonly draining?: boolean
}

/** Who bounds a call beside its upstream, milliseconds until headers; null for no limit (ROUTES.md §4). */
export interface TimeLimits {
  readonly routeMs: number | null
  readonly defaultMs: number | null
}

/** The request before the upstream wrote its own fields, secrets among them: what another upstream may be given. */
export interface CallOrigin {
  readonly outgoing: Outgoing
  readonly limits: TimeLimits
  readonly dialect?: Dialect
}

export interface Call {
  readonly exchange: Exchange
  readonly upstream: string
  /** Chosen by the balance step, per try; with a single target it is set from the start. */
  target: Target
  /** The `url`s of targets that tries of this call went to already; null where there is one try at most. */
  tried: Set<string> | null
  /** The nearest of route ▸ upstream ▸ defaults (ROUTES.md §4), milliseconds until headers; null for no limit. */
  readonly timeoutMs: number | null
  /** When the time of the whole call is over, milliseconds since 1970: set by the deadline; null for no limit. */
  endsAt: number | null
  /**
   * Who has to hear of it when the time of the whole call runs out, since nothing below the deadline comes back
   * then. Set by the deadline, shared by all tries of the call. Time that a client cut short says nothing of the
   * service: `by` tells whose limit it was.
   */
  onExpiry?: ((by: 'table' | 'client') => void)[]
  readonly method: string
  /** Encoded path and query. */
  readonly path: string
  readonly headers: Fields
  /** Where edits go that the answer itself asks for: those of a try that is not used are forgotten. */
  readonly edits: AnswerEdit[]
  /** Bytes in the place of a stream where something had to read it (a hash of it is signed, for one). */
  body: ReadableStream | ArrayBuffer | null
  signal: AbortSignal | null
  /** Of a call that a bridge made; left out of plain ones. */
  dialect?: Dialect
  /** Left out where no step sends the request to another upstream, and in a mirrored copy, which goes no further. */
  readonly origin?: CallOrigin
}

/** What a bridge does next to the network, once per try: its services do not say by HTTP alone how they did. */
export interface Dialect {
  /** Tells the service how long it has: what is left of the call, null for no limit. */
  limit(headers: Fields, leftMs: number | null): void
  /** The answer with the status that it means: retry, breaker and ejection go by that. */
  judge(response: Response): Answer | Promise<Answer>
}

/** Sends a call, or does something around it. */
export type Send = (call: Call) => Promise<Answer>
