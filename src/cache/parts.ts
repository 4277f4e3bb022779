/** What the flow of a cache is bound with, and what it is given of one request. */
import type { Wish } from '../cache/reuse-core.ts'
import type { CacheStatus } from '../http/cache-status.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { CacheRules } from './rules.ts'

export type Tiers = 'edge' | 'global' | 'both'

export interface CacheParts {
  readonly rules: CacheRules
  readonly tiers: Tiers
  readonly storeTimeoutMs: number
  readonly onStoreFault: 'allow' | 'deny'
  /** How eagerly hot entries are refreshed before their end; 0 never. */
  readonly beta: number
  /** How long a request waits for what another one fetches. */
  readonly waitMs: number
  /** Cache-Status tells the key. */
  readonly showKey: boolean
}

/** One request that may be answered out of the store. */
export interface CacheRequest {
  readonly exchange: Exchange
  readonly key: string
  /** The URL of what counts: the same for all requests that may share an answer. */
  readonly url: () => string
  /** False for a store of one caller's own. */
  readonly shared: boolean
  /** What the client asks of caches; null where that is not followed. */
  readonly wish: Wish | null
  /** Asks the service. */
  readonly next: (exchange: Exchange) => Answer | Promise<Answer>
  /** Tags that the table gives the answer. */
  readonly tags: () => readonly string[]
}

/** An answer out of the flow, and what it says of itself. */
export interface Served {
  readonly answer: Answer
  readonly status: CacheStatus
  /** For the event. */
  readonly outcome: 'hit' | 'miss' | 'stale' | 'revalidated' | 'bypass' | 'collapsed'
}
