/**
 * One timer of the runtime for all waits of an aggregate: to set and clear one costs more than to read a small body,
 * and waits that begin together end at about the same time.
 */
import type { Alarm, Clock, Timers } from '../../platform/ports.ts'

interface Waiting {
  readonly at: number
  readonly ring: () => void
}

export class SharedTimers implements Timers {
  readonly #timers: Timers
  readonly #clock: Clock
  /** As many as there are waits that are not over: bodies that are being read. */
  readonly #waiting = new Set<Waiting>()
  #alarm: Alarm | null = null
  #ringsAt = Number.POSITIVE_INFINITY

  constructor(timers: Timers, clock: Clock) {
    this.#timers = timers
    this.#clock = clock
  }

  after(ms: number): Alarm {
    const at = this.#clock.now() + ms
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting: Waiting = { at, ring: resolve }
    this.#waiting.add(waiting)
    // A later one is armed when this one rings, or never.
    if (at < this.#ringsAt) this.#arm(at)
    return { done: promise, cancel: () => void this.#waiting.delete(waiting) }
  }

  /** Lets the runtime's timer go; what waits still is not told. */
  close(): void {
    this.#alarm?.cancel()
    this.#alarm = null
    this.#ringsAt = Number.POSITIVE_INFINITY
  }

  #arm(at: number): void {
    this.#alarm?.cancel()
    const alarm = this.#timers.after(Math.max(0, at - this.#clock.now()))
    this.#alarm = alarm
    this.#ringsAt = at
    alarm.done.then(() => {
      if (this.#alarm === alarm) this.#ring(at)
    })
  }

  #ring(now: number): void {
    this.close()
    let next = Number.POSITIVE_INFINITY
    for (const waiting of this.#waiting) {
      if (waiting.at <= now) {
        this.#waiting.delete(waiting)
        waiting.ring()
      } else next = Math.min(next, waiting.at)
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
  }
}
