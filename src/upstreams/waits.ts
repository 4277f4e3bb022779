/**
 * What waits within an aggregate for bodies of services, each until its own time, with one timer of the runtime: to
 * set and clear one costs more than to read a small body. What is called off is told here too, since a listener on a
 * signal of the runtime costs as much.
 */
import type { Alarm, Clock, Timers } from '../platform/ports.ts'

/** Why a wait ended: its time is over, or it was called off. */
export type WaitEnd = 'late' | 'off'

export interface Wait {
  readonly at: number
  readonly end: (how: WaitEnd) => void
  /** In the list; -1 once it is over. */
  place: number
}

export class Waits {
  readonly #timers: Timers
  readonly #clock: Clock
  /** Those that are not over, in no order: as many as there are bodies that are being read. */
  readonly #waiting: Wait[] = []
  #alarm: Alarm | null = null
  #ringsAt = Number.POSITIVE_INFINITY
  #isOff = false

  constructor(timers: Timers, clock: Clock) {
    this.#timers = timers
    this.#clock = clock
  }

  /** Calls `end` at that time, milliseconds since 1970, or when all is called off, unless it is over before. */
  begin(at: number, end: Wait['end']): Wait {
    const wait: Wait = { at, end, place: this.#waiting.length }
    this.#waiting.push(wait)
    // A later one is armed when this one rings, or never.
    if (at < this.#ringsAt) this.#arm(at)
    return wait
  }

  /** It has what it waited for. */
  over(wait: Wait): void {
    const { place } = wait
    if (place === -1) return
    wait.place = -1
    const last = this.#waiting.pop()
    if (last === undefined || last === wait) return
    this.#waiting[place] = last
    last.place = place
  }

  /** Nothing is waited for any more. */
  get isOff(): boolean {
    return this.#isOff
  }

  callOff(): void {
    this.#isOff = true
    this.close()
    for (const wait of this.#waiting.splice(0)) {
      wait.place = -1
      wait.end('off')
    }
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
    const due = this.#waiting.filter(({ at }) => at <= now)
    for (const wait of due) {
      this.over(wait)
      wait.end('late')
    }
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#waiting) next = Math.min(next, at)
    if (next < this.#ringsAt) this.#arm(next)
  }
}
