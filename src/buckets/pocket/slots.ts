/**
 * One bucket of kind `slots` as one isolate has it: requests that run here, and slots that the next ones find
 * without asking. It lets go of slots before it says so, and renews before its time is over. No clock, no I/O.
 */
import type { SlotsCall, SlotsReply } from '../messages.ts'
import { Asking, type Waiter } from './asking.ts'
import { Meter } from './meter.ts'
import { HORIZON_MS, IDLE_MS } from './pocket.ts'

// Three chances to renew within the time to live, so that one call may be lost.
const RENEWALS = 3
const FIRST_TTL_MS = 10_000 // until the object has said how long: about what it says

/** One request that holds a slot. It says now and then that it still runs: a request that died says nothing. */
export interface Use {
  seenAt: number
}

export class Slots extends Asking {
  readonly meter = new Meter()
  readonly #uses = new Set<Use>()
  #held = 0
  #expiresAt = Number.NEGATIVE_INFINITY
  #renewAt = Number.POSITIVE_INFINITY
  #ttlMs = FIRST_TTL_MS
  #usingAtSend = 0
  #peak = 0
  #taken = 0
  // The object gives more than what is asked for at once: then a slot that comes free stays for the next request.
  #isBlock = false

  get using(): number {
    return this.#uses.size
  }

  /** Slots that this isolate may use, those in use included. */
  get held(): number {
    return this.#held
  }

  /** How often a request that runs has to say so. */
  get beatMs(): number {
    return Math.max(1, Math.floor(this.#ttlMs / RENEWALS))
  }

  look(_cost: number, now: number): 'held' | 'refused' | 'missing' {
    this.#advance(now)
    if (this.#uses.size < this.#held && now < this.#expiresAt) return 'held'
    return this.isRefused(1, now) ? 'refused' : 'missing'
  }

  /** Takes what `look` called held. */
  take(now: number): Use {
    const use = { seenAt: now }
    this.#uses.add(use)
    if (this.#uses.size > this.#peak) this.#peak = this.#uses.size
    return use
  }

  /** The request still runs; one that was thought dead counts again. */
  beat(use: Use, now: number): void {
    use.seenAt = now
    this.#uses.add(use)
  }

  release(use: Use): void {
    this.#uses.delete(use)
  }

  /** The next call, for all who wait. `final` keeps no slot for the next requests. */
  draft(now: number, { final }: { readonly final: boolean }): SlotsCall {
    this.#advance(now)
    for (const use of this.#uses) if (now - use.seenAt >= this.#ttlMs) this.#uses.delete(use)
    const using = this.#uses.size
    const { seq, asked } = this.send(now)
    const need = asked.length
    const isBusy = this.meter.rate(now) * HORIZON_MS >= 2
    const want = final || !isBusy ? 0 : Math.max(this.#peak - using - need, using + need)
    this.#held = using
    this.#usingAtSend = using
    this.#peak = using
    return { kind: 'slots', isolate: this.isolate, seq, using, need, want }
  }

  /** Takes in a reply and decides who waits. False where its call was given up: then it is never used. */
  accept(reply: SlotsReply, now: number): boolean {
    this.#advance(now)
    const sent = this.receive(reply.seq)
    if (sent === null) return false
    this.#held = reply.held
    this.#ttlMs = reply.ttlMs
    this.#expiresAt = sent.at + reply.ttlMs
    this.#renewAt = sent.at + this.beatMs
    this.#taken = reply.taken
    this.#isBlock = reply.held > this.#usingAtSend + sent.asked.length
    const isShort = reply.held < this.#usingAtSend + sent.asked.length
    const waitMs = isShort ? Math.max(1, reply.waitMs) : reply.waitMs
    this.notBefore = waitMs > 0 ? now + waitMs : Number.NEGATIVE_INFINITY
    this.refusedCost = 1
    this.serveWaiting(sent.asked, (waiter) => this.#serve(waiter, now))
    return true
  }

  /** Requests renew the slots that they hold; free ones are no loss. */
  endsWithin(): boolean {
    return false
  }

  /** Whether the slots in use have to be renewed. */
  wantsRenewal(now: number): boolean {
    return this.inFlight === null && this.#uses.size > 0 && now >= this.#renewAt
  }

  /** Whether slots lie here that others may need more. */
  wantsRelease(now: number): boolean {
    if (this.inFlight !== null || now >= this.#expiresAt) return false
    return !this.#isBlock && this.#held > this.#uses.size
  }

  isIdle(now: number): boolean {
    return this.hasSpare(now) && now - this.meter.lastAt >= IDLE_MS
  }

  /** Whether it holds slots that nobody uses, and has time to give them back. */
  hasSpare(now: number): boolean {
    return this.#held > this.#uses.size && now < this.#expiresAt
  }

  retryAfterMs(now: number): number {
    return Math.max(1, Math.ceil(this.notBefore - now))
  }

  /** Slots that can still be had, as far as is known here. */
  remaining(limit: number, now: number): number {
    const spare = now < this.#expiresAt ? Math.max(0, this.#held - this.#uses.size) : 0
    return spare + Math.max(0, limit - this.#taken)
  }

  #advance(now: number): void {
    if (!this.wentBack(now)) return
    this.#held = 0
    this.#expiresAt = Number.NEGATIVE_INFINITY
    this.#renewAt = now
    for (const use of this.#uses) use.seenAt = Math.min(use.seenAt, now)
  }

  #serve(waiter: Waiter, now: number): void {
    const verdict = this.look(1, now)
    if (verdict === 'missing') return
    waiter.state = verdict
    if (verdict === 'held') waiter.hold = { from: 'slots', use: this.take(now) }
  }
}
