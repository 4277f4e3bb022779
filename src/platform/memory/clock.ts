/** A clock that stands still until it is told to go on; its timers ring as it passes them. */
import type { Clock, Timers } from '../ports.ts'

interface Waiting {
  readonly at: number
  ring(): void
}

export class MemoryClock implements Clock, Timers {
  #now: number
  #waiting: Waiting[] = []

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number) {
    let cancel = () => {}
    const done = new Promise<void>((resolve) => {
      const waiting = { at: this.#now + Math.max(0, ms), ring: resolve }
      this.#waiting.push(waiting)
      cancel = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
      }
    })
    return { done, cancel }
  }

  /** Sets the time without ringing anything, also back. */
  set(now: number): void {
    this.#now = now
  }

  /** Goes on by so many milliseconds, from timer to timer, and lets what they woke run. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const next = this.#next(end)
      if (next === null) break
      this.#waiting = this.#waiting.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.ring()
      await settled()
    }
    this.#now = end
    await settled()
  }

  /** Goes on until the promise settles. */
  async until<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false
    const note = () => {
      isDone = true
    }
    work.then(note, note)
    await settled()
    // A minute by steps of 50 ms: nothing in the gateway waits longer.
    for (let step = 0; step < 1_200 && !isDone; step++) await this.advance(50)
    if (!isDone) throw new Error('The work did not end within a minute of this clock.')
    return work
  }

  #next(end: number): Waiting | null {
    let next: Waiting | null = null
    for (const one of this.#waiting) {
      if (one.at <= end && (next === null || one.at < next.at)) next = one
    }
    return next
  }
}

// The longest chain of awaits between two timers is about twenty; a real timer would take a millisecond each.
const TURNS = 100

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await null
}
