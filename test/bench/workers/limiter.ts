/**
 * A limiter as one writes it by hand: a Durable Object with a bucket per key in memory, asked on each request. It
 * writes nothing, so that a restart forgets what was spent: the cheapest that such a thing can be.
 */
import { DurableObject } from 'cloudflare:workers'

export interface LimiterBindings {
  readonly LIMITER: DurableObjectNamespace<Limiter>
}

interface Bucket {
  tokens: number
  at: number
}

const LIMIT = 1_000_000
const WINDOW_MS = 60_000

export class Limiter extends DurableObject {
  readonly #buckets = new Map<string, Bucket>()

  /** What is left after this request; -1 where there was nothing. */
  take(key: string): number {
    const now = Date.now()
    const bucket = this.#buckets.get(key) ?? { tokens: LIMIT, at: now }
    const refilled = bucket.tokens + ((now - bucket.at) * LIMIT) / WINDOW_MS
    bucket.tokens = Math.min(LIMIT, refilled)
    bucket.at = now
    this.#buckets.set(key, bucket)
    if (bucket.tokens < 1) return -1
    bucket.tokens -= 1
    return Math.floor(bucket.tokens)
  }
}
