/** The request target as it was received: read from the raw URL before anything parses it (ROUTES.md §2). */
export interface Target {
  readonly scheme: 'http' | 'https'
  /** The Host as received: with its port, in its own case. */
  readonly authority: string
  /** Lower-case, no port, no trailing dot, no brackets. */
  readonly host: string
  /** Empty where it is the scheme's default or was not given. */
  readonly port: string
  /** Normalized, still encoded, starts with "/"; `*` for `OPTIONS *`. */
  readonly path: string
  /** As received, with its "?", or empty. */
  readonly query: string
}
