/**
 * What an isolate and a bucket's object say to each other (LEASES.md §3, leases in batches). Plain data; all
 * amounts are whole tokens, all times are durations in milliseconds: no clock is compared with another.
 */

/** Isolate → object, about a bucket of kind `rate` or `quota`. */
export interface LeaseCall {
  readonly kind: 'lease'
  /** Random, made when the isolate first uses the bucket. */
  readonly isolate: string
  /** 1, 2, 3 …: one call is in flight at a time. */
  readonly seq: number
  /** The last seq whose reply was accepted; 0 for none. */
  readonly ack: number
  /** The object's incarnation of that reply; empty for none. */
  readonly incarnation: string
  /** Tokens that it may still spend without asking: in the pocket, or taken and not settled. */
  readonly hold: number
  /** Tokens in the pocket now. */
  readonly pocket: number
  /** Tokens given back since `incarnation` began, all together; they left the pocket before this was sent. */
  readonly back: number
  /** Directly granted tokens that were not used after all, and the smallest `at` of the replies they came from. */
  readonly refund: number
  readonly refundAt: number
  /**
   * Tokens used beyond what was taken, which the bucket shall owe: all since the reply of `ack` was accepted. A call
   * that repeats one without a reply repeats its part, and the object charges only what is new; if the object
   * restarted, or forgot the isolate, it may be charged twice, never not at all. (Cumulative like `back` it would be
   * charged again each time the object forgot an isolate that was quiet.)
   */
  readonly overdrawn: number
  /** The costs of the requests that wait for this call, in order: the longest prefix that fits is granted. */
  readonly need: readonly number[]
  /** Tokens wanted in the pocket beyond `hold`. */
  readonly want: number
  /** Measured demand, tokens per millisecond, refused requests included. */
  readonly rate: number
  /** Only gives back. */
  readonly final: boolean
}

export interface LeaseReply {
  readonly kind: 'leased'
  readonly seq: number
  readonly incarnation: string
  /** The object's time: only to be sent back with refunds. */
  readonly at: number
  /** How many of `need` were granted, from its beginning. */
  readonly granted: number
  /** Tokens for the pocket. */
  readonly lease: number
  /** How long the lease may be spent, from the instant the call was sent. */
  readonly ttlMs: number
  /**
   * Before so long the first cost that was not granted (1 where all were) cannot be had, but for what others give
   * back and an operator adds; 0 is any time. Of a quota it can be weeks: whoever remembers it asks earlier.
   */
  readonly waitMs: number
  /** Tokens of the bucket that are not spent, wherever they are. */
  readonly all: number
  /** Isolates that drew on the bucket of late. */
  readonly isolates: number
  /** Until the next period begins; null for a rate. */
  readonly resetMs: number | null
}

/** Isolate → object, about a bucket of kind `slots`. What it holds beyond `using` it let go of before it sent this. */
export interface SlotsCall {
  readonly kind: 'slots'
  readonly isolate: string
  readonly seq: number
  /** Requests that hold a slot here now. */
  readonly using: number
  /** Requests that wait for one. */
  readonly need: number
  /** Slots wanted beyond `using` and `need`, so that the next requests need no call. */
  readonly want: number
}

export interface SlotsReply {
  readonly kind: 'slots'
  readonly seq: number
  /** Slots this isolate holds now, `using` included. */
  readonly held: number
  /** Renew before so long, from the instant the call was sent: then the object takes the slots for free. */
  readonly ttlMs: number
  readonly waitMs: number
  /** Slots in use or held, over all isolates. */
  readonly taken: number
}

export type BucketCall = LeaseCall | SlotsCall

export type BucketReply =
  | LeaseReply
  | SlotsReply
  /** The call is older than one that the object has seen. */
  | { readonly kind: 'stale' }
  /** The object has more calls than it can answer: a refusal, never a fault (ROUTES.md §1). */
  | { readonly kind: 'overloaded' }

/** A bucket as operators see it. */
export interface BucketView {
  readonly shape: 'rate' | 'quota' | 'slots'
  readonly limit: number
  /** Tokens or slots that can be had now, those that isolates hold left out. */
  readonly available: number
  /** Tokens leased and not spent as far as the object knows, or slots in use. */
  readonly outstanding: number
  readonly isolates: number
  /** Of a quota: when its period ends, milliseconds since 1970. */
  readonly resetsAt: number | null
}

/** What an operator may do to a bucket. */
export type BucketChange =
  | { readonly kind: 'reset' }
  /** Adds tokens, at most up to what the bucket holds when full. */
  | { readonly kind: 'top-up'; readonly tokens: number }
