/**
 * What the gateway may ask its host for. Every adapter (Cloudflare, memory) has the same shape;
 * nothing outside `platform/` touches env, caches or the execution context.
 */

import type { BucketCall, BucketChange, BucketReply, BucketView } from '../buckets/messages.ts'
import type { BucketPlace, BucketShape } from '../buckets/shape.ts'
import type { TallyAnswer, TallyReport, TallyView } from '../buckets/tally/messages.ts'
import type { UsesReport, UsesView } from '../buckets/uses/messages.ts'
import type { Answers, Fills, Purges } from '../cache/answer.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
  UpstreamStatus,
} from '../calls/state/messages.ts'
import type { IdempotencyObjects } from '../idempotency/messages.ts'

/** Milliseconds since 1970, by this machine's clock. On Cloudflare it stands still between two awaits. */
export interface Clock {
  now(): number
}

/** Lower-case hex of fresh random bytes: `hex(8)` has 16 digits. */
export interface Randomness {
  hex(bytes: number): string
  /** A number from 0 (included) to 1 (excluded), for weights and samples; not for secrets. */
  fraction(): number
}

/** One outgoing HTTP call, with everything decided. */
export interface NetworkCall {
  readonly url: string
  readonly method: string
  /** Lower-case name → value. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: ReadableStream | ArrayBuffer | null
  readonly signal: AbortSignal | null
}

/** The way to services. Rejects when nothing answered; the reason is the runtime's and tells little. */
export interface Network {
  send(call: NetworkCall): Promise<Response>
  /** The same through a service binding of this Worker. */
  sendTo(binding: string, call: NetworkCall): Promise<Response>
  /** Whether a TCP connection comes about; true where this cannot be known. Not there where the host has none. */
  canConnect?(hostname: string, port: number): Promise<boolean>
  /** Whether a call would have to wait until another has its headers. Not there where nobody counts. */
  readonly isFull?: boolean
}

/** What one isolate remembers under one name: bounded, the least recently used goes first. Plain data only. */
export interface Memory<Value> {
  /** The value, or undefined where there is none or its time is over. */
  get(key: string, now: number): Value | undefined
  set(key: string, value: Value, expiresAt: number): void
  delete(key: string): void
  readonly size: number
}

/** The isolate's memories: they outlive tables and requests. A name is `<policy>:<what>`. */
export interface Memories {
  of<Value>(name: string, capacity: number): Memory<Value>
}

/** Short texts kept at this location (the Cache API): a second tier behind the isolate. Never rejects. */
export interface Responses {
  get(key: string): Promise<string | null>
  put(key: string, text: string, seconds: number): Promise<void>
}

/** The objects that hold buckets. Every call is one hop; it rejects where the object cannot be reached. */
export interface BucketObjects {
  call(place: BucketPlace, shape: BucketShape, message: BucketCall): Promise<BucketReply>
  look(place: BucketPlace, shape: BucketShape): Promise<BucketView>
  change(place: BucketPlace, shape: BucketShape, change: BucketChange): Promise<BucketView>
}

/** The one object that adds up which keys limits see most. Rejects where it cannot be reached. */
export interface Tallies {
  report(report: TallyReport): Promise<TallyAnswer>
  read(): Promise<TallyView>
}

/** The one object that counts who uses which version of an API. Rejects where it cannot be reached. */
export interface VersionUses {
  report(report: UsesReport): Promise<void>
  /** Of one route, or of all. */
  read(route: string | null): Promise<UsesView>
}

/** The objects that own what is known of upstreams: one per upstream, or per upstream and location. */
export interface UpstreamObjects {
  /** Tells what calls came to, and gets what the fleet knows. Rejects where the object cannot be reached. */
  exchange(name: string, report: UpstreamReport): Promise<UpstreamSnapshot>
  /** An operator's look or hand: force open or closed, reset. */
  command(name: string, command: UpstreamCommand): Promise<UpstreamStatus>
}

/** The platform's own counters (`ratelimits` bindings): per location, eventually consistent, told nothing but yes or no. */
export interface Floods {
  /** Rejects where the binding cannot say. */
  allows(binding: string, key: string): Promise<boolean>
}

/** What one request may use. Made per request, since stubs and the execution context belong to it. */
export interface Ports {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly network: Network
  readonly timers: Timers
  readonly memories: Memories
  readonly responses: Responses
  /** KV: API keys under `key:<sha-256 hex>`. */
  readonly documents: Documents
  /** Token buckets, quotas and slots. */
  readonly buckets: BucketObjects
  readonly tallies: Tallies
  readonly versionUses: VersionUses
  /** Breaker, health, budget and targets of upstreams. */
  readonly upstreams: UpstreamObjects
  readonly floods: Floods
  /** Answers of services that are kept: here, and for the world. */
  readonly answers: Answers
  /** Who fetches what is kept nowhere. */
  readonly fills: Fills
  readonly purges: Purges
  /** Idempotency keys: what their requests came to. */
  readonly idempotency: IdempotencyObjects
  /** Keeps the request's context alive until the promise settles: at most 30 s after the answer on Cloudflare. */
  defer(work: Promise<unknown>): void
}

/** What this Worker has been given: asked when a table is compiled, never per request. */
export interface Environment {
  /** A plain variable, or undefined. */
  variable(name: string): string | undefined
  /** A secret, or undefined. `ADMIN_*` and `ISOGATE_*` are always undefined. */
  secret(name: string): string | undefined
  /** Whether a service binding of this name exists; another kind of binding answers `other`. */
  service(name: string): 'present' | 'absent' | 'other'
  /** Whether a `ratelimits` binding of this name exists; not every host has any. */
  rateLimiter?(name: string): boolean
  /** Goes into the hashes that name objects and buckets (`ISOGATE_SALT`); a fixed text where it is not set. */
  readonly salt?: string | undefined
}

/** A wait that can be called off, so that nothing is kept awake for it. */
export interface Alarm {
  readonly done: Promise<void>
  cancel(): void
}

export interface Timers {
  /** Rings once after so many milliseconds. */
  after(ms: number): Alarm
}

/** What was written beside a text. Only plain JSON, at most 1,024 bytes of it (a limit of KV). */
export type Metadata = Readonly<Record<string, unknown>>

export interface StoredDocument {
  readonly text: string
  readonly metadata: Metadata | null
}

/** One page of the keys that begin with a prefix, in the order of their names. */
export interface DocumentPage {
  readonly entries: readonly { readonly key: string; readonly metadata: Metadata | null }[]
  /** Where the next page begins; null after the last one. */
  readonly cursor: string | null
}

export interface PageChoice {
  /** Of the page before; null is the first page. */
  readonly cursor: string | null
  /** How many keys at most, up to 1,000. */
  readonly limit: number
}

/** How long a text is kept. */
export interface Keeping {
  /** Milliseconds since 1970 after which it is gone; null keeps it. Less than a minute ahead counts as a minute. */
  readonly until: number | null
}

export type DocumentLook =
  | { readonly kind: 'absent' }
  /** `metadata.version` is one of those that the caller knows: the text was not copied. */
  | { readonly kind: 'unchanged'; readonly metadata: Metadata }
  | ({ readonly kind: 'read' } & StoredDocument)

/**
 * Texts under keys, copied all over the world: a reader may see an older one, or none, for about a minute.
 * Every method rejects when the store cannot do it now; the reason tells little.
 */
export interface Documents {
  get(key: string): Promise<StoredDocument | null>
  /** Reads the text unless its `metadata.version` is among `versions`. */
  getIfChanged(key: string, versions: readonly string[]): Promise<DocumentLook>
  /** Only what stands beside the text; null where there is no text or nothing beside it. */
  metadata(key: string): Promise<Metadata | null>
  put(key: string, text: string, metadata: Metadata, keeping?: Keeping): Promise<void>
  /** What begins with the prefix, without its texts; as old as reads may be. */
  list(prefix: string, page: PageChoice): Promise<DocumentPage>
  delete(key: string): Promise<void>
}

export interface TableVersion {
  readonly version: string
  /** ISO 8601, UTC: when it came into force. */
  readonly at: string
  readonly sizeBytes: number
  /** How many routes it has; null where the text was no table. */
  readonly routes: number | null
}

/** If-Match (RFC 9110 §13.1.1): null is no condition, `*` is "whichever, but one". */
export type IfMatch = readonly string[] | '*' | null

export interface TablePut {
  readonly text: string
  readonly version: string
  readonly routes: number
  /** The build of the Worker that accepted the text. */
  readonly build: string
  readonly ifMatch: IfMatch
}

export interface Unavailable {
  readonly kind: 'unavailable'
  readonly retryAfterSeconds: number
}

export type PutOutcome =
  | { readonly kind: 'put'; readonly version: string; readonly stamp: number }
  | { readonly kind: 'conflict'; readonly current: string | null }
  | { readonly kind: 'unknown-version' }
  | Unavailable

export type ReadOutcome =
  | {
      readonly kind: 'read'
      readonly version: string
      readonly text: string
      readonly current: string | null
      readonly stamp: number
      /** Newest first. */
      readonly versions: readonly TableVersion[]
    }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unknown-version' }
  | Unavailable

export type ConfirmOutcome =
  | { readonly kind: 'confirmed' }
  /** Nothing to do: it is confirmed already, or no longer current. */
  | { readonly kind: 'kept' }
  /** The owner has not seen this version yet: ask again later. */
  | { readonly kind: 'unknown-version' }
  | Unavailable

/** The one owner of the table's version. Answers `unavailable` where it cannot be reached; never rejects. */
export interface TableVersions {
  put(table: TablePut): Promise<PutOutcome>
  /** The text of a version, of the current one, or of the one that was in force before it; and the list of all. */
  read(which: { readonly version: string } | 'current' | 'previous'): Promise<ReadOutcome>
  /** Puts a version of the list again: the named one, or the one that was in force before. */
  rollback(to: {
    readonly version: string | null
    readonly build: string
    readonly ifMatch: IfMatch
  }): Promise<PutOutcome>
  /** Tells that this build accepted the version, so that it may become the last good one. */
  confirm(accepted: { readonly version: string; readonly build: string }): Promise<ConfirmOutcome>
}

/** What looking after the table needs; made per request, like Ports. */
export interface TablePorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly documents: Documents
  readonly versions: TableVersions
  /** Keeps the request's context alive until the promise settles. */
  defer(work: Promise<unknown>): void
}
