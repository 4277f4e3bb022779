/**
 * The one event of a request: the names here are fixed, logs, metrics and traces are made from it.
 * It never holds a header value, a query value, a token or a byte of a body.
 */

/** What a policy did, by policy name. `would-…` stands for shadow mode. */
export type Outcome =
  | 'passed'
  | 'refused'
  | 'would-refuse'
  | 'would-change'
  | 'failed'
  | (string & {})

export interface Event {
  /** ISO 8601, UTC: when the request came in. */
  time: string
  /** The request id. */
  request: string
  /** The id of the batch that the request stood in, or null. */
  within: string | null
  /** W3C trace id, 32 hex digits. */
  trace: string
  /** The gateway's span id, 16 hex digits. */
  span: string
  /** The version of the table that answered. */
  table: string | null
  route: string | null
  method: string
  /** The path pattern of the route, never the path itself. */
  path: string | null
  status: number
  upstream: string | null
  /** Index of the target within its upstream. */
  target: number | null
  tries: number
  /** What the breaker of the upstream did; null where it let the call pass, or there is none. */
  breaker: 'open' | 'probe' | 'would-refuse' | null
  /**
   * What answered in the place of the upstream: `stale`, `respond` or the name of another; `none:<reason>` where
   * nothing did. Null where the upstream's own answer went out, or no fallback is configured.
   */
  fallback: string | null
  /** Milliseconds from arrival until the headers of the answer, upstream included. */
  durationMs: number
  /** Milliseconds spent waiting for upstreams, until their headers. */
  upstreamMs: number
  /** By Content-Length, or null: a body is never read only to be counted. */
  bytesIn: number | null
  bytesOut: number | null
  cache: string | null
  policies: Record<string, Outcome>
  /** Which version of the API the client has, where the route has the policy `versions` and knows it. */
  version: string | null
  /** The consumer's name, where the caller is one of the table's `consumers`; never the subject of a token. */
  consumer: string | null
  country: string | null
  colo: string | null
  /** The problem's code, or null. */
  error: string | null
  /** Of an aggregate: its calls, in the order in which they were over. */
  calls?: CallEvent[]
}

/** One call of an aggregate. */
export interface CallEvent {
  /** Its name in the table. */
  call: string
  upstream: string
  /** Of its answer, or the status that its failure stands for; null where nothing was sent. */
  status: number | null
  /** With `forEach`: for how many items; null without. */
  items: number | null
  /** The code of its failure, behind a colon the reason; null where there is none. Of items the first one that failed. */
  error: string | null
  /** From when all that it waits for was there, until its bodies were read. */
  ms: number
  tries: number
  /** As `cache` of the request, where the call has a cache. */
  cache: string | null
}
