/** What a request asks of buckets, and what it gets: all of its claims, or none (ROUTES.md §5). */
import type { BucketPlace, BucketShape } from './shape.ts'

/** One limit of one request. */
export interface Claim {
  /** The policy's own name, for fields and problems; with several limits in one policy `<name>-<n>`. */
  readonly label: string
  readonly place: BucketPlace
  readonly shape: BucketShape
  /** Whole tokens; 1 for slots. 0 asks nothing and is always admitted. */
  readonly cost: number
  readonly storeTimeoutMs: number
  readonly onStoreFault: 'allow' | 'deny' | 'local'
}

/** What an admitted claim took. One of `settle`, `refund` and `leave` ends it; what comes after that does nothing. */
export interface Ticket {
  readonly claim: Claim
  /** `bucket` is exact; `local` and `unlimited` stand for a store that failed, by `onStoreFault`. */
  readonly by: 'bucket' | 'local' | 'unlimited'
  /** Tokens that can still be had, as far as is known here (LEASES.md §7). */
  remaining(now: number): number
  /** Milliseconds until more can be had; null while some can be had. */
  resetMs(now: number): number | null
  /** The request reached its end: what it cost is spent. `cost` where it is known late: less gives the rest back. */
  settle(cost?: number): void
  /** It did not count after all. */
  refund(): void
  /** The client left: settled, and nothing that lasts is deferred, which would keep the call to the service alive. */
  leave(): void
  /** Takes more while the request runs, for costs known late; true where it was there. */
  more(cost: number): boolean | Promise<boolean>
  /** Charges what was used beyond the reserve: the bucket owes it, and admits nobody until it is paid. */
  overdraw(cost: number): void
}

export interface RefusedClaim {
  readonly claim: Claim
  /** Not before so long can it be admitted; null: never, its cost is above what the bucket holds. */
  readonly retryAfterMs: number | null
  /** The object said that it is overloaded. */
  readonly overloaded: boolean
  /** What can be had at most; 0 on a refusal. */
  readonly remaining: number
}

export type Admission =
  | { readonly kind: 'admitted'; readonly tickets: readonly Ticket[] }
  | { readonly kind: 'refused'; readonly refused: readonly RefusedClaim[] }
  /** A store failed and `onStoreFault` is `deny`. */
  | { readonly kind: 'fault'; readonly claims: readonly Claim[] }
