/** What the operator says of a cache, as the cores read it. Plain data, bound once. */

export interface CacheRules {
  /** The lifetime where the service says nothing; null leaves it to the heuristic. */
  readonly ttlSeconds: number | null
  /** The operator's lifetimes win over what the service says. */
  readonly override: boolean
  readonly ttlByStatus: ReadonlyMap<number, number>
  /** Statuses that may be stored; null is every final one. */
  readonly statuses: ReadonlySet<number> | null
  /** The share of the time since Last-Modified that counts as lifetime (RFC 9111 §4.2.2); 0 is none. */
  readonly heuristicPercent: number
  /** Where the service does not say (RFC 5861). */
  readonly staleWhileRevalidateSeconds: number
  readonly staleIfErrorSeconds: number
  readonly maxBodyBytes: number
  readonly stripCookies: boolean
}
