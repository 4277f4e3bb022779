/**
 * Which directly granted tokens may still come back. A refund may only be credited where the bucket has not been
 * full since: else the ideal bucket, which never gave the token away, would have spilled it (LEASES.md §5). Two
 * layers, cut where the bucket spilled; amounts in units.
 */
export class RefundPools {
  #young = 0
  #old = 0
  #youngSince = Number.NEGATIVE_INFINITY
  #oldSince = Number.NEGATIVE_INFINITY

  /** Direct tokens were granted now. */
  add(units: number): void {
    this.#young += units
  }

  /** The ideal bucket would hold `spilled` more than fits, had all of the pools been given back. */
  spill(level: number, cap: number, now: number): void {
    let spilled = level + this.#old + this.#young - cap
    if (spilled <= 0) return
    const fromOld = Math.min(spilled, this.#old)
    this.#old -= fromOld
    spilled -= fromOld
    if (spilled <= 0 || this.#young <= 0) return
    this.#old = Math.max(0, this.#young - spilled)
    this.#young = 0
    this.#oldSince = this.#youngSince
    this.#youngSince = now
  }

  /** How much of a refund counts, of tokens granted at `grantedAt` or later. */
  credit(units: number, grantedAt: number): number {
    if (grantedAt > this.#youngSince) {
      const credited = Math.min(units, this.#young)
      this.#young -= credited
      return credited
    }
    if (grantedAt > this.#oldSince) {
      const credited = Math.min(units, this.#old)
      this.#old -= credited
      return credited
    }
    return 0
  }

  /** Nothing may come back any more. */
  clear(): void {
    this.#young = 0
    this.#old = 0
  }
}
