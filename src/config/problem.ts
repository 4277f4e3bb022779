/** What is wrong in a document: where, what was found, what was expected. */

export interface Problem {
  /** JSON Pointer (RFC 6901) into the document; empty is the whole of it. */
  readonly pointer: string
  /** Stable and in capitals, such as VALUE_INVALID, KEY_UNKNOWN, UPSTREAM_UNKNOWN, ROUTE_SHADOWED. */
  readonly code: string
  /** One sentence with found and expected; begins in lower case, so that it reads after "<pointer>: ". */
  readonly message: string
  readonly found?: string
  readonly expected?: string
  /**
   * `form`: the document is refused whole. `environment`: this Worker lacks something; `validate` and PUT
   * refuse, a table already in KV is served. `warning`: it works, and is probably not what was meant.
   */
  readonly severity: 'form' | 'environment' | 'warning'
  /** For warnings about two routes: a request that shows the point, as `GET https://host/path`. */
  readonly witness?: string
}
