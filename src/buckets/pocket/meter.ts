/** Measures demand: tokens per millisecond, forgotten exponentially. Plain numbers; the time is given. */

export const TAU_MS = 1_000 // the time constant: after so long without a hit a third is left

export class Meter {
  #rate = 0
  #at = 0

  /** When it was hit last, milliseconds since 1970; 0 before the first hit. */
  get lastAt(): number {
    return this.#at
  }

  hit(cost: number, now: number): void {
    this.#rate = this.rate(now) + cost / TAU_MS
    this.#at = now
  }

  /** Tokens per millisecond, now. */
  rate(now: number): number {
    // Several requests in one millisecond are the hot case, and a clock that went back may not add.
    return now <= this.#at ? this.#rate : this.#rate * Math.exp((this.#at - now) / TAU_MS)
  }
}
