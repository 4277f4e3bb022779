/** The way between an isolate and an object: calls and replies have delays of their own, so that they may overtake. */
import type { EventHeap } from './heap.ts'

export interface Wire {
  /** One way. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly callLoss: number
  readonly replyLoss: number
  /** This share of the messages takes up to `slowMs`: longer than a call is waited for. */
  readonly slowShare: number
  readonly slowMs: number
  /** This share of the calls is answered "overloaded", with no work done. */
  readonly overload: number
  /** This share of the calls arrives twice: a runtime that tries again. */
  readonly repeated: number
}

/** A round trip of 1-300 ms that loses nothing. */
export const goodWire: Wire = {
  minDelayMs: 0.5,
  maxDelayMs: 150,
  callLoss: 0,
  replyLoss: 0,
  slowShare: 0,
  slowMs: 0,
  overload: 0,
  repeated: 0,
}

export class Network {
  readonly #heap: EventHeap
  readonly #random: () => number
  readonly #wire: Wire

  constructor(heap: EventHeap, random: () => number, wire: Wire) {
    this.#heap = heap
    this.#random = random
    this.#wire = wire
  }

  /** Carries a call to `answer` and what that returns to `receive`; either may be lost. */
  exchange<Reply>(answer: (overloaded: boolean) => Reply, receive: (reply: Reply) => void): void {
    const wire = this.#wire
    const copies = wire.repeated > 0 && this.#random() < wire.repeated ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.#loses(wire.callLoss)) continue
      const overloaded = wire.overload > 0 && this.#random() < wire.overload
      this.#after(() => {
        const reply = answer(overloaded)
        if (!this.#loses(wire.replyLoss)) this.#after(() => receive(reply))
      })
    }
  }

  #loses(share: number): boolean {
    return share > 0 && this.#random() < share
  }

  #after(act: () => void): void {
    const { minDelayMs, maxDelayMs, slowShare, slowMs } = this.#wire
    const slow = slowShare > 0 && this.#random() < slowShare
    const most = slow ? slowMs : maxDelayMs
    this.#heap.plan(this.#heap.now + minDelayMs + this.#random() * (most - minDelayMs), act)
  }
}
