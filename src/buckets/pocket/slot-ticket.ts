/** A request's ticket of a bucket of kind `slots`: it says that the request still runs until it is settled. */
import type { Alarm, Ports } from '../../platform/ports.ts'
import type { Claim, RefusedClaim, Ticket } from '../claims.ts'
import { type Draw, refusedClaim, type Verdict } from './draw.ts'
import { type SlotsEntry, slotsEntry } from './entry.ts'
import { ask, renew, watchIdle } from './flight.ts'
import type { Slots, Use } from './slots.ts'
import { standIn } from './stand-in.ts'

export class SlotTicket implements Draw {
  readonly by = 'bucket'
  readonly claim: Claim
  readonly #ports: Ports
  readonly #entry: SlotsEntry
  readonly #slots: Slots
  #use: Use | null = null
  #alarm: Alarm | null = null

  constructor(claim: Claim, ports: Ports, now: number) {
    this.claim = claim
    this.#ports = ports
    this.#entry = slotsEntry(claim.place, ports, now)
    this.#slots = this.#entry.account
  }

  look(now: number): Verdict {
    this.#slots.meter.hit(1, now)
    return this.#judge(now)
  }

  take(now: number): Verdict {
    const verdict = this.#judge(now)
    if (verdict === 'held') this.#run(this.#slots.take(now))
    return verdict
  }

  async fetch(): Promise<Verdict> {
    const { state, hold } = await ask(this.#asked)
    if (state === 'held' && hold?.from === 'slots') {
      this.#run(hold.use)
      return 'held'
    }
    return state === 'refused' ? 'refused' : 'faulted'
  }

  fallback(): Ticket | RefusedClaim | null {
    return standIn(this.claim, { entry: this.#entry, isolates: null }, this.#ports)
  }

  refusal(now: number): RefusedClaim {
    const retryAfterMs = this.#slots.retryAfterMs(now)
    return refusedClaim(this.claim, retryAfterMs, this.#slots.isOverloaded)
  }

  remaining(now: number): number {
    return this.#slots.remaining(this.claim.shape.limit, now)
  }

  resetMs(now: number): number | null {
    return this.remaining(now) > 0 ? null : this.#slots.retryAfterMs(now)
  }

  settle(): void {
    const now = this.#ports.clock.now()
    if (this.#end(now) && this.#slots.hasSpare(now)) watchIdle(this.#asked, now)
  }

  refund(): void {
    this.settle()
  }

  leave(): void {
    this.#end(this.#ports.clock.now())
  }

  more(): boolean {
    return true
  }

  overdraw(): void {}

  /** Frees the slot, and says so at once where others may wait for it. */
  #end(now: number): boolean {
    const use = this.#use
    if (use === null) return false
    this.#use = null
    this.#alarm?.cancel()
    this.#slots.release(use)
    if (this.#slots.wantsRelease(now)) renew(this.#asked)
    return true
  }

  #judge(now: number): Verdict {
    const verdict = this.#slots.look(1, now)
    return verdict === 'missing' && this.#slots.isFailing(now) ? 'faulted' : verdict
  }

  #run(use: Use): void {
    this.#use = use
    this.#beatLater()
  }

  /**
   * Not deferred: a wait that is keeps calls to services alive whose client has left. The body that holds the slot
   * keeps the request alive as long as it lasts; where the request dies, its slot is free after its time.
   */
  #beatLater(): void {
    const alarm = this.#ports.timers.after(this.#slots.beatMs)
    this.#alarm = alarm
    void alarm.done.then(() => this.#beat())
  }

  #beat(): void {
    if (this.#use === null) return
    const now = this.#ports.clock.now()
    this.#slots.beat(this.#use, now)
    if (this.#slots.wantsRenewal(now)) renew(this.#asked)
    this.#beatLater()
  }

  get #asked() {
    return { entry: this.#entry, claim: this.claim, ports: this.#ports }
  }
}
