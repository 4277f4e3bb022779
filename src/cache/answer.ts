/**
 * What is kept of answers, and the ports that keep it: tiers of a store, one filler per key over all isolates, and
 * purges by number. Plain data; the decisions stand in the cores of this folder.
 */

/** What is kept of an answer beside its body. Plain data. */
export interface AnswerHead {
  readonly status: number
  /**
   * Name (lower case) and value, in order; several lines of one name stay several. Never Set-Cookie, nor hop-by-hop
   * fields.
   */
  readonly fields: readonly (readonly [string, string])[]
  /** Milliseconds since 1970: when the request was sent and when the answer's header came (RFC 9111 §4.2.3). */
  readonly requestedAt: number
  readonly receivedAt: number
  /** The request fields that Vary named, normalized, with their values (null: absent). */
  readonly selecting: readonly (readonly [string, string | null])[]
  readonly tags: readonly string[]
  /** The purge generation that was known when the fill began. */
  readonly generation: number
  /** Bytes of the body, or null where it is not known. */
  readonly length: number | null
  /** Names the variants that hang below this answer; it goes when the answer is invalidated, and they with it. */
  readonly epoch?: number
}

export interface StoredAnswer {
  readonly head: AnswerHead
  /** A stream is read or canceled by whoever gets it. */
  readonly body: ReadableStream<Uint8Array> | ArrayBuffer | null
}

/** One tier. A fault is told apart from an absence; it never rejects. */
export interface AnswerStore {
  get(key: string): Promise<StoredAnswer | 'absent' | 'fault'>
  /** Takes the body: a stream is read to its end, or canceled. Keeps it for so many seconds, by its own clock. */
  put(
    key: string,
    answer: StoredAnswer,
    keepSeconds: number,
  ): Promise<'stored' | 'refused' | 'fault'>
  delete(key: string): Promise<void>
}

/** Keys are texts of up to 512 bytes (KV's limit) that say nothing of the request. */
export interface Answers {
  /** This location's Cache API. */
  readonly edge: AnswerStore
  /** KV: the world's, late and best effort. */
  readonly global: AnswerStore
}

export type FillTurn =
  /** Fetch it, then land, whatever it came to. */
  | { readonly kind: 'lead'; readonly token: string }
  /** The leader's answer came while waiting (its body is at most 1 MiB, and bytes). */
  | { readonly kind: 'follow'; readonly answer: StoredAnswer }
  /** Fetch it yourself: nobody waits for it, and nobody is waited for. */
  | { readonly kind: 'alone' }

/** One leader per key over all isolates. Never rejects: where its object is away, everybody is alone. */
export interface Fills {
  begin(key: string, waitMs: number): Promise<FillTurn>
  /**
   * Null: not storable, too large or failed; those who wait go alone. Reads a body that is a stream, up to 1 MiB. For
   * `handMs` more the answer is handed to those who come late (1 s unless given, 30 s at most).
   */
  land(key: string, token: string, answer: StoredAnswer | null, handMs?: number): Promise<void>
  /** What was landed, or is being fetched, is handed to nobody any more: it was made invalid. */
  forget(key: string): Promise<void>
}

/** What a purge is matched with. */
export interface PurgeSubject {
  /** The generation of the stored answer's head. */
  readonly generation: number
  /** `scheme://authority`, the normalized path and the query as received: what a client asked for. */
  readonly url: string
  readonly route: string
  readonly tags: readonly string[]
}

/** What this isolate knows of purges: one look at memory per hit. */
export interface PurgeView {
  /** The number of the last purge that is known. */
  readonly generation: number
  /** Whether a purge newer than the subject's generation matches it. */
  isPurged(subject: PurgeSubject): boolean
}

export interface Purge {
  readonly urls?: readonly string[]
  readonly prefixes?: readonly string[]
  readonly tags?: readonly string[]
  readonly routes?: readonly string[]
  readonly all?: true
}

export interface Purges {
  /** What this isolate knows now; looked after in the background, so that no request waits for it. */
  current(now: number): PurgeView
  refresh(): Promise<void>
  /** The purge's number. Rejects where the owner of the numbers cannot be reached. */
  add(purge: Purge): Promise<number>
}

/** A tier that holds nothing, for hosts without one. */
const nothing: AnswerStore = {
  get: async () => 'absent',
  async put(_key, { body }) {
    if (body instanceof ReadableStream) await body.cancel()
    return 'refused'
  },
  delete: async () => {},
}

/** Stores of a host that has none. */
export const noAnswers: Answers = { edge: nothing, global: nothing }

/** Nobody to agree with. */
export const noFills: Fills = {
  begin: async () => ({ kind: 'alone' }),
  land: async () => {},
  forget: async () => {},
}

/** Nothing was ever purged. */
export const noPurges: Purges = {
  current: () => ({ generation: 0, isPurged: () => false }),
  refresh: async () => {},
  add: () => Promise.reject(new Error('this host keeps no purges')),
}
