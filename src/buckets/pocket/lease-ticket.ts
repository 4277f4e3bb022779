/** A request's ticket of a bucket of kind `rate` or `quota`. One object, made per claim. */
import type { Ports } from '../../platform/ports.ts'
import type { Claim, RefusedClaim, Ticket } from '../claims.ts'
import type { Hold, Waiter } from './asking.ts'
import { type Draw, refusedClaim, type Verdict } from './draw.ts'
import { type PocketEntry, pocketEntry } from './entry.ts'
import { ask, renew, watchIdle } from './flight.ts'
import type { Pocket } from './pocket.ts'
import { standIn } from './stand-in.ts'

// After the answer it is cheap to ask: then it is done in twice the time that is left.
const EARLY = 2

export class LeaseTicket implements Draw {
  readonly by = 'bucket'
  readonly claim: Claim
  readonly #ports: Ports
  readonly #entry: PocketEntry
  readonly #pocket: Pocket
  // What it holds: from the pocket by its mark, or what the object granted.
  #mark = 0
  #granted: Hold | null = null
  #held = 0
  // Steps before the last one of `more`: they are spent.
  #spent = 0
  #isOpen = false

  constructor(claim: Claim, ports: Ports, now: number) {
    this.claim = claim
    this.#ports = ports
    this.#entry = pocketEntry(claim.place, ports, now)
    this.#pocket = this.#entry.account
  }

  look(now: number): Verdict {
    const { cost } = this.claim
    if (cost > capacityOf(this.claim)) return 'refused'
    if (cost > 0) this.#pocket.meter.hit(cost, now)
    return this.#judge(cost, now)
  }

  take(now: number): Verdict {
    const { cost } = this.claim
    const verdict = this.#judge(cost, now)
    if (verdict !== 'held') return verdict
    this.#hold(cost, this.#pocket.take(cost), null)
    if (this.#pocket.wantsRenewal(now, 1)) this.#renew()
    return 'held'
  }

  async fetch(): Promise<Verdict> {
    return this.#takeUp(await ask(this.#asked))
  }

  fallback(): Ticket | RefusedClaim | null {
    const { isolates } = this.#pocket
    return standIn(this.claim, { entry: this.#entry, isolates }, this.#ports)
  }

  refusal(now: number): RefusedClaim {
    const { claim } = this
    const { cost, shape } = claim
    if (cost > capacityOf(claim)) return refusedClaim(claim, null, false)
    const retryAfterMs = this.#pocket.retryAfterMs(cost, shape, now)
    return refusedClaim(claim, retryAfterMs, this.#pocket.isOverloaded)
  }

  remaining(now: number): number {
    // A cost of 0 asks nobody: then nothing may be known.
    if (this.#pocket.isolates === null) return capacityOf(this.claim)
    return this.#pocket.remaining(now)
  }

  resetMs(now: number): number | null {
    return this.remaining(now) > 0 ? null : this.#pocket.resetMs(this.claim.shape, now)
  }

  settle(cost = this.#spent + this.#held): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const unused = Math.min(this.#held, Math.max(0, this.#spent + this.#held - cost))
    if (unused > 0) this.#refund(unused)
    if (this.#held > unused) this.#settle(this.#held - unused)
    this.#tend()
  }

  leave(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#settle(this.#held)
  }

  refund(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#refund(this.#held)
    this.#tend()
  }

  more(cost: number): boolean | Promise<boolean> {
    const now = this.#ports.clock.now()
    this.#pocket.meter.hit(cost, now)
    switch (this.#judge(cost, now)) {
      case 'held':
        this.#step(cost, this.#pocket.take(cost), null)
        if (this.#pocket.wantsRenewal(now, 1)) this.#renew()
        return true
      case 'refused':
        return false
      case 'faulted':
        return this.#unaskedMore(cost)
      case 'missing':
        return this.#askMore(cost)
    }
  }

  overdraw(cost: number): void {
    const now = this.#ports.clock.now()
    this.#pocket.overdraw(cost, now)
    // A debt that only the next request would tell of is none until then.
    if (this.#pocket.uncharged > 0 && this.#pocket.inFlight === null) this.#renew()
  }

  #judge(cost: number, now: number): Verdict {
    if (cost === 0) return 'held'
    const verdict = this.#pocket.look(cost, now)
    return verdict === 'missing' && this.#pocket.isFailing(now) ? 'faulted' : verdict
  }

  #hold(cost: number, mark: number, granted: Hold | null): void {
    this.#isOpen = true
    this.#held = cost
    this.#mark = mark
    this.#granted = granted
  }

  /** What was held so far is used up once more is wanted. */
  #step(cost: number, mark: number, granted: Hold | null): void {
    if (!this.#isOpen) {
      // It ended while more was asked for: nobody is there to use it.
      this.#pocket.refund(cost, granted ?? { from: 'pocket', mark })
      return
    }
    this.#spent += this.#held
    this.#settle(this.#held)
    this.#hold(cost, mark, granted)
  }

  async #askMore(cost: number): Promise<boolean> {
    const claim = { ...this.claim, cost }
    const { state, hold } = await ask({ entry: this.#entry, claim, ports: this.#ports })
    if (state === 'held' && hold !== null) {
      this.#step(cost, hold.from === 'pocket' ? hold.mark : 0, hold.from === 'pocket' ? null : hold)
      return true
    }
    return state === 'refused' ? false : this.#unaskedMore(cost)
  }

  /** The store failed in mid-stream. */
  #unaskedMore(cost: number): boolean {
    const claim = { ...this.claim, cost }
    const { isolates } = this.#pocket
    const outcome = standIn(claim, { entry: this.#entry, isolates }, this.#ports)
    if (outcome === null || !('settle' in outcome)) return false
    this.#spent += cost
    outcome.settle()
    return true
  }

  #takeUp({ state, hold }: Waiter): Verdict {
    if (state === 'held' && hold !== null) {
      if (hold.from === 'pocket') this.#hold(this.claim.cost, hold.mark, null)
      else this.#hold(this.claim.cost, 0, hold)
      return 'held'
    }
    return state === 'refused' ? 'refused' : 'faulted'
  }

  #settle(cost: number): void {
    if (this.#granted === null) this.#pocket.settle(cost, { from: 'pocket', mark: this.#mark })
  }

  #refund(cost: number): void {
    this.#pocket.refund(cost, this.#granted ?? { from: 'pocket', mark: this.#mark })
  }

  /** Once the answer is there: asks for the next lease, and sees to it that idle tokens are given back. */
  #tend(): void {
    const now = this.#ports.clock.now()
    if (this.#pocket.wantsRenewal(now, EARLY)) this.#renew()
    if (this.#pocket.hasSpare(now)) watchIdle(this.#asked, now)
  }

  #renew(): void {
    renew(this.#asked)
  }

  get #asked() {
    return { entry: this.#entry, claim: this.claim, ports: this.#ports }
  }
}

function capacityOf({ shape }: Claim): number {
  return shape.kind === 'rate' ? shape.burst : shape.limit
}
