/**
 * What isolates and the objects that keep idempotency keys say to each other. Plain data only. Durations, never
 * times: nobody compares the clocks of two machines.
 */

/** Where a key is kept: the object's name, and the entry within it. Both are hashes, and say nothing of the key. */
export interface KeyPlace {
  readonly object: string
  readonly entry: string
}

/** What a request under a key asks for: another one may not use the key. Lower-case hex. */
export interface Fingerprint {
  /** Of method, path and query. */
  readonly target: string
  /** Of the body; null where it is not known (yet). */
  readonly body: string | null
}

/** What happens to a key once nobody can tell what its request came to. */
export type OnUnknown = 'free' | 'keep'

export interface BeginMessage {
  /** Fresh for each request: the same message may come twice. */
  readonly token: string
  readonly fingerprint: Fingerprint
  /** For how long the key is held for this request unless it is renewed. */
  readonly leaseMs: number
  readonly ttlMs: number
  readonly onUnknown: OnUnknown
}

/** An answer as it is given again. */
export interface KeptAnswer {
  readonly status: number
  readonly fields: readonly (readonly [string, string])[]
  readonly body: ArrayBuffer | null
}

export type BeginReply =
  /** Nobody else has the key: run it, renew meanwhile, and end. */
  | { readonly kind: 'run' }
  /** Another request has it. */
  | { readonly kind: 'running' }
  /** A request that asked for something else has used it. */
  | { readonly kind: 'reused' }
  /** Its request has ended, and the hash of the body is needed to go on: ask again with it. */
  | { readonly kind: 'which-body' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  /** It was answered with this status; the answer was too large to keep, or a stream. */
  | { readonly kind: 'not-kept'; readonly status: number }
  /** It was sent, and nobody knows what it came to. */
  | { readonly kind: 'unknown' }
  /** The object holds as much as it may, or has more calls than it can answer. */
  | { readonly kind: 'full' }

/** What the request of a key came to. */
export type Ending =
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }
  | { readonly kind: 'not-kept'; readonly status: number }
  | { readonly kind: 'unknown' }
  /** Nothing was done: the next request with the key runs. */
  | { readonly kind: 'free' }

export interface EndMessage {
  readonly token: string
  /** The hash of the body, where it was read to its end. */
  readonly body: string | null
  readonly ttlMs: number
  readonly ending: Ending
}

/** The objects that keep idempotency keys. Every call is one hop; it rejects where the object cannot be reached. */
export interface IdempotencyObjects {
  begin(place: KeyPlace, message: BeginMessage): Promise<BeginReply>
  /** Holds the key for longer; false where it is no longer this request's. */
  renew(place: KeyPlace, token: string, leaseMs: number): Promise<boolean>
  end(place: KeyPlace, message: EndMessage): Promise<void>
}
