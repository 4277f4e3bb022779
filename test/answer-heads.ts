/** Heads of stored answers and rules of a cache, for tests: what a test does not say is plain. */
import type { AnswerHead } from '../src/cache/answer.ts'
import type { CacheRules } from '../src/cache/rules.ts'

/** When every head was asked for and came, unless a test says otherwise. */
export const CAME = Date.UTC(2026, 0, 2, 3, 4, 5)

export function makeHead(
  fields: Readonly<Record<string, string>>,
  more: Partial<AnswerHead> = {},
): AnswerHead {
  return {
    status: 200,
    fields: Object.entries(fields),
    requestedAt: CAME,
    receivedAt: CAME,
    selecting: [],
    tags: [],
    generation: 0,
    length: null,
    ...more,
  }
}

export function makeRules(more: Partial<CacheRules> = {}): CacheRules {
  return {
    ttlSeconds: null,
    override: false,
    ttlByStatus: new Map(),
    statuses: null,
    heuristicPercent: 10,
    staleWhileRevalidateSeconds: 0,
    staleIfErrorSeconds: 0,
    maxBodyBytes: 1000,
    stripCookies: false,
    ...more,
  }
}

/** An HTTP date so many seconds after `CAME`. */
export function dateAt(seconds: number): string {
  return new Date(CAME + seconds * 1000).toUTCString()
}
