/**
 * What a bucket is, as plain data. It goes with every call to a bucket's object, so that objects know nothing of
 * tables, and a table that changes a limit changes the bucket with the next call.
 */

/** At most `burst + limit × T / windowMs` cost in any interval of T milliseconds (ROUTES.md §5, rate-limit). */
export interface RateShape {
  readonly kind: 'rate'
  readonly limit: number
  readonly windowMs: number
  /** Tokens that a full bucket holds. */
  readonly burst: number
}

/** At most `limit` cost in each period (ROUTES.md §5, quota). */
export interface QuotaShape {
  readonly kind: 'quota'
  readonly limit: number
  readonly period: Period
}

/** At most `limit` requests at the same time (ROUTES.md §5, concurrency; §4, maxConcurrent). */
export interface SlotsShape {
  readonly kind: 'slots'
  readonly limit: number
}

/** Calendar periods are in UTC, weeks from Monday; `anchored` ones begin every so many days from an instant. */
export type Period =
  | { readonly per: 'minute' | 'hour' | 'day' | 'week' | 'month' }
  | { readonly per: 'anchored'; readonly anchorMs: number; readonly everyDays: number }

export type BucketShape = RateShape | QuotaShape | SlotsShape

/** Where a bucket lives. */
export interface BucketPlace {
  /** The policy whose bucket it is, the same in every isolate that has this table: `route:users/rate-limit-1`. */
  readonly policy: string
  /**
   * The Durable Object's name: one object per verified key; one of 256 shards where anyone can write the key
   * (DESIGN.md, State), so that nobody makes objects without end.
   */
  readonly object: string
  /** Which bucket within the object; empty where the object holds one. */
  readonly bucket: string
  /** Where the object should be made, or null for near its first caller. */
  readonly location: LocationHint | null
  /** What operators call the key: a JSON list of what they write for it. Not there where nobody can name it. */
  readonly shown?: string
}

/** https://developers.cloudflare.com/durable-objects/reference/data-location/ */
export const locationHints = [
  'wnam',
  'enam',
  'sam',
  'weur',
  'eeur',
  'apac',
  'apac-ne',
  'apac-se',
  'oc',
  'afr',
  'me',
] as const
export type LocationHint = (typeof locationHints)[number]
