/**
 * Who fetches what is kept nowhere: one leader per key, for the object that all isolates ask. Followers wait for the
 * leader's answer and are handed it. Nobody waits without end: a leader that dies, hangs or comes to nothing frees
 * those who wait. Everything is in memory, and bounded.
 */
import type { AnswerHead } from './answer.ts'

/** An answer as it goes over the wire. */
export interface LandedAnswer {
  readonly head: AnswerHead
  readonly bytes: ArrayBuffer | null
}

export type FillReply =
  | { readonly kind: 'lead'; readonly token: string }
  | { readonly kind: 'follow'; readonly answer: LandedAnswer }
  | { readonly kind: 'alone' }

export interface FillParts {
  readonly timers: {
    after(ms: number): { readonly done: Promise<void>; cancel(): void }
  }
  /** Nobody else may land in a leader's name. */
  readonly makeToken: () => string
}

/** Of a body: what a message to an object carries without strain, and followers may be many. */
export const MAX_SHARED_BYTES = 1_048_576

// An object has a share of 128 MB, and each fill is a kilobyte with its timer and promise.
const MAX_FILLS = 10_000
const MAX_HELD_BYTES = 8 * MAX_SHARED_BYTES

// A Worker may go on for 30 s after its client left; a route waits 10 s for a service unless it says otherwise.
const MAX_WAIT_MS = 60_000

// A request that looked into the stores before the answer came there asks here a moment later.
export const HAND_OVER_MS = 1_000
// As long as KV remembers that there was nothing.
const MAX_HAND_OVER_MS = 30_000

interface Fill {
  readonly token: string
  readonly landing: Promise<LandedAnswer | null>
  readonly settle: (answer: LandedAnswer | null) => void
  /** What came, while those who come late are handed it. */
  answer: LandedAnswer | null
  /** Ends the leader's time, later the answer's. */
  end: { cancel(): void }
}

export class FillBook {
  readonly #parts: FillParts
  readonly #fills = new Map<string, Fill>()
  #heldBytes = 0

  constructor(parts: FillParts) {
    this.#parts = parts
  }

  async begin(key: string, waitMs: number): Promise<FillReply> {
    const ms = Math.min(MAX_WAIT_MS, Math.max(0, waitMs))
    const fill = this.#fills.get(key)
    if (fill === undefined) return this.#lead(key, ms)
    if (fill.answer !== null) return { kind: 'follow', answer: fill.answer }
    const alarm = this.#parts.timers.after(ms)
    const answer = await Promise.race([fill.landing, alarm.done.then(() => null)])
    alarm.cancel()
    return answer === null ? { kind: 'alone' } : { kind: 'follow', answer }
  }

  /** Null frees those who wait. A token that leads no longer says nothing. */
  land(key: string, token: string, answer: LandedAnswer | null, handMs = HAND_OVER_MS): void {
    const fill = this.#fills.get(key)
    if (fill === undefined || fill.token !== token || fill.answer !== null) return
    fill.end.cancel()
    const size = sizeOf(answer)
    if (answer === null || size > MAX_SHARED_BYTES) {
      this.#drop(key, fill)
      return
    }
    fill.answer = answer
    fill.settle(answer)
    this.#heldBytes += size
    fill.end = this.#dropAfter(Math.min(MAX_HAND_OVER_MS, Math.max(0, handMs)), key, fill)
    for (const [other, held] of this.#fills) {
      if (this.#heldBytes <= MAX_HELD_BYTES) break
      if (held.answer !== null) this.#drop(other, held)
    }
  }

  /** What came before is not to be handed on: it was made invalid. Whoever comes next leads. */
  forget(key: string): void {
    const fill = this.#fills.get(key)
    if (fill !== undefined) this.#drop(key, fill)
  }

  /** Keys that are being filled, or have just been. */
  get size(): number {
    return this.#fills.size
  }

  #lead(key: string, ms: number): FillReply {
    if (this.#fills.size >= MAX_FILLS) return { kind: 'alone' }
    const { promise, resolve } = Promise.withResolvers<LandedAnswer | null>()
    const token = this.#parts.makeToken()
    const fill: Fill = {
      token,
      landing: promise,
      settle: resolve,
      answer: null,
      end: { cancel: () => {} },
    }
    this.#fills.set(key, fill)
    fill.end = this.#dropAfter(ms, key, fill)
    return { kind: 'lead', token }
  }

  #dropAfter(ms: number, key: string, fill: Fill): { cancel(): void } {
    const alarm = this.#parts.timers.after(ms)
    void alarm.done.then(() => this.#drop(key, fill))
    return alarm
  }

  #drop(key: string, fill: Fill): void {
    if (this.#fills.get(key) !== fill) return
    this.#fills.delete(key)
    fill.end.cancel()
    if (fill.answer !== null) this.#heldBytes -= sizeOf(fill.answer)
    fill.settle(null)
  }
}

function sizeOf(answer: LandedAnswer | null): number {
  return answer?.bytes?.byteLength ?? 0
}
