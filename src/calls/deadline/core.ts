/** How much time a call has: the limit of the table and what the client said it waits, whichever is less. Pure. */

/** Who set the limit that holds. */
export type LimitBy = 'table' | 'client'

export interface TimeLimit {
  readonly ms: number
  readonly by: LimitBy
}

/** Milliseconds that a client said it waits; null where the field says nothing that can be read. */
export function readDeadline(value: string | undefined): number | null {
  // Up to 11 days: more digits are no time that anyone waits.
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null
}

export interface TimeAsked {
  /** Of the table, from now; null for none. */
  readonly timeoutMs: number | null
  /** Of the client, from when its request came in; null for none. */
  readonly clientMs: number | null
  /** The most that counts of it; null for no bound. */
  readonly maxMs: number | null
  /** How long ago the request came in. */
  readonly elapsedMs: number
}

/** What is left from now; 0 or less where the client's time is over. Null for no limit. */
export function limitOf({ timeoutMs, clientMs, maxMs, elapsedMs }: TimeAsked): TimeLimit | null {
  if (clientMs !== null) {
    const left = Math.min(clientMs, maxMs ?? clientMs) - elapsedMs
    if (timeoutMs === null || left < timeoutMs) return { ms: left, by: 'client' }
  }
  return timeoutMs === null ? null : { ms: timeoutMs, by: 'table' }
}
