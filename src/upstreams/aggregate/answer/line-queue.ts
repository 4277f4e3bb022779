/** Lines on their way from who makes them to who takes them. Who takes waits, and hears a heartbeat where one is given. */
import type { Alarm, Timers } from '../../../platform/ports.ts'

export interface Heartbeat {
  readonly line: string
  readonly everyMs: number
}

export class LineQueue {
  readonly #timers: Timers
  readonly #heartbeat: Heartbeat | null
  #lines: string[] = []
  #isClosed = false
  #wake: (() => void) | null = null

  constructor(timers: Timers, heartbeat: Heartbeat | null) {
    this.#timers = timers
    this.#heartbeat = heartbeat
  }

  push(...lines: readonly string[]): void {
    if (lines.length === 0) return
    this.#lines.push(...lines)
    this.#wake?.()
  }

  /** Nothing is pushed any more. */
  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  /** Drops what nobody took. */
  clear(): void {
    this.#lines = []
  }

  /** Whether all has been taken, and nothing comes. */
  get isOver(): boolean {
    return this.#isClosed && this.#lines.length === 0
  }

  /** All lines that are there; where there are none it waits for one. Empty once it is over. */
  async take(): Promise<string> {
    if (this.#lines.length === 0 && !this.#isClosed) await this.#more()
    const text = this.#lines.join('')
    this.#lines = []
    return text
  }

  #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const heartbeat = this.#heartbeat
    let alarm: Alarm | null = null
    this.#wake = () => {
      this.#wake = null
      alarm?.cancel()
      resolve()
    }
    if (heartbeat !== null) {
      alarm = this.#timers.after(heartbeat.everyMs)
      alarm.done.then(() => {
        if (this.#wake !== null && this.#lines.length === 0) this.push(heartbeat.line)
      }, ignore)
    }
    return promise
  }
}

function ignore(): void {}
