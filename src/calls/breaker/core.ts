/** The breaker of an upstream, as plain data. */

/** What an isolate is told of it. */
export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half-open'
  /** How long the state holds from now, milliseconds; null while closed. */
  readonly forMs: number | null
}
