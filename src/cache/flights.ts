/**
 * One fetch per key in an isolate. What followers get is plain data; a leader whose request ends takes its promise
 * with it, so nobody waits without an end, and what is older than the wait counts as dead (workerd ties a promise
 * to the request that made it).
 */
import type { Timers } from '../platform/ports.ts'
import type { AnswerHead } from './answer.ts'

export type Landed =
  | { readonly kind: 'answer'; readonly head: AnswerHead; readonly bytes: ArrayBuffer | null }
  /** Not storable, too large to hand over, or failed: everybody for himself. */
  | { readonly kind: 'alone' }

export const alone: Landed = { kind: 'alone' }

interface Flight {
  readonly landed: Promise<Landed>
  readonly startedAt: number
}

/** Held by the leader: land tells the followers, end makes room for the next. */
export interface Lead {
  land(landed: Landed): void
  end(): void
}

// Each is a request that is being answered; an isolate has no more of them at a time.
const MOST_FLIGHTS = 1_000

export class Flights {
  readonly #flights = new Map<string, Flight>()
  readonly #waitMs: number

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** What another request of this isolate fetches for the key, or null: lead it yourself. */
  async follow(key: string, now: number, timers: Timers): Promise<Landed | null> {
    const flight = this.#flights.get(key)
    if (flight === undefined) return null
    const leftMs = flight.startedAt + this.#waitMs - now
    // A clock that was set back may not keep a dead one alive.
    if (leftMs <= 0 || leftMs > this.#waitMs) return this.#drop(key, flight)
    const alarm = timers.after(leftMs)
    try {
      const landed = await Promise.race([flight.landed, alarm.done])
      return landed ?? this.#drop(key, flight)
    } catch {
      // Its request ended. Whoever is first to see it takes over.
      return this.#flights.get(key) === flight ? this.#drop(key, flight) : alone
    } finally {
      alarm.cancel()
    }
  }

  lead(key: string, now: number): Lead {
    const { promise, resolve } = Promise.withResolvers<Landed>()
    const flight: Flight = { landed: promise, startedAt: now }
    this.#flights.set(key, flight)
    if (this.#flights.size > MOST_FLIGHTS) {
      const [oldest] = this.#flights.keys()
      if (oldest !== undefined) this.#flights.delete(oldest)
    }
    return { land: resolve, end: () => void this.#drop(key, flight) }
  }

  #drop(key: string, flight: Flight): null {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    return null
  }
}
