/**
 * One bucket of kind `rate` or `quota` as one isolate has it (LEASES.md §6, leases in batches): tokens that the
 * object debited already and that are spent here without asking. A state machine of plain numbers: no clock, no I/O.
 */
import type { LeaseCall, LeaseReply } from '../messages.ts'
import type { BucketShape } from '../shape.ts'
import { Asking, type Hold, type Waiter } from './asking.ts'
import { Meter } from './meter.ts'

/** Tokens asked for are the measured demand of so long. */
export const HORIZON_MS = 2_000
/** No request for so long: the pocket is given back. */
export const IDLE_MS = 1_000
// A refusal is remembered at most so long: what an operator gives back is seen then, and a flood costs a call in it.
const REMEMBERED_MS = 15_000
// What an answer takes to come back to the isolate beyond the call itself.
const SLACK_MS = 20
// A lease that ends so soon is renewed while requests come.
const ENDING_MS = 500
// Taken for so long counts as spent: what a slow service or a dead request holds would keep the bucket from refilling.
const SETTLED_MS = 1_000

export class Pocket extends Asking {
  readonly meter = new Meter()
  #tokens = 0
  #expiresAt = Number.NEGATIVE_INFINITY
  // Taken and not settled, in two generations: the mark says which a token belongs to.
  #mark = 0
  #young = 0
  #old = 0
  #rolledAt = 0
  #ack = 0
  #incarnation = ''
  #back = 0
  #refund = 0
  #refundAt = 0
  #overdrawn = 0
  #charged = 0
  // What the object said last, and what was taken here since.
  #all = 0
  #taken = 0
  #takenAtSend = 0
  #takenAtAll = 0
  #overdrawnAtSend = 0
  #resetAt: number | null = null
  // When the refused cost can be had; remembered it may be for less long.
  #freeAt = Number.NEGATIVE_INFINITY
  #isolates: number | null = null
  #roundTripMs = 0
  #isLeasing = false

  /** Tokens that can be spent without asking; they may have ended. */
  get tokens(): number {
    return this.#tokens
  }

  /** Tokens taken that may still come back. */
  get unsettled(): number {
    return this.#young + this.#old
  }

  get expiresAt(): number {
    return this.#expiresAt
  }

  /** The object's life that the last reply was of; empty for none. */
  get incarnation(): string {
    return this.#incarnation
  }

  /** Isolates that drew on the bucket when the object was last asked; null where it never answered. */
  get isolates(): number | null {
    return this.#isolates
  }

  /** Debt that the object does not know of yet. */
  get uncharged(): number {
    return this.#overdrawn - this.#charged
  }

  look(cost: number, now: number): 'held' | 'refused' | 'missing' {
    this.#advance(now)
    if (this.#tokens >= cost && now < this.#expiresAt) return 'held'
    return this.isRefused(cost, now) ? 'refused' : 'missing'
  }

  /** Takes what `look` called held; the mark goes back with `settle` or `refund`. */
  take(cost: number): number {
    this.#tokens -= cost
    this.#young += cost
    this.#taken += cost
    return this.#mark
  }

  settle(cost: number, hold: Hold): void {
    if (hold.from === 'pocket') this.#release(cost, hold.mark)
  }

  /** The debit was no admission. What the pocket gave returns to it; the rest is the object's to judge (§5). */
  refund(cost: number, hold: Hold): void {
    if (hold.from === 'pocket') {
      if (!this.#release(cost, hold.mark)) return
      this.#tokens += cost
      this.#taken -= cost
    } else if (hold.from === 'object' && hold.incarnation === this.#incarnation) {
      this.#refundAt = this.#refund === 0 ? hold.at : Math.min(this.#refundAt, hold.at)
      this.#refund += cost
      // The object may have these tokens again, once it hears of them.
      if (!this.isOverloaded) this.forgetRefusal()
    }
  }

  /** Charges what was used beyond what was had: first to the pocket, then to the object with the next call. */
  overdraw(cost: number, now: number): void {
    this.#advance(now)
    const paid = now < this.#expiresAt ? Math.min(cost, this.#tokens) : 0
    this.#tokens -= paid
    this.#taken += cost
    this.#overdrawn += cost - paid
  }

  /** The next call, for all who wait. `final` only gives back. */
  draft(now: number, { final }: { readonly final: boolean }): LeaseCall {
    this.#advance(now)
    const rate = this.meter.rate(now)
    const wanted = Math.floor(rate * HORIZON_MS)
    let back = 0
    if (now >= this.#expiresAt) {
      // Too late to spend, not too late to return. The object may have forgotten what was unsettled.
      back = this.#tokens
      this.#voidMarks()
    } else {
      this.#roll(now)
      // What is too little for those who wait may be enough together with what the object has.
      if (final || this.hasWaiting) back = this.#tokens
      else if (this.#tokens > 2 * wanted + 1) back = this.#tokens - wanted
    }
    this.#tokens -= back
    this.#back += back
    const { seq, asked } = this.send(now)
    let need = 0
    for (const { cost } of asked) need += cost
    const call: LeaseCall = {
      kind: 'lease',
      isolate: this.isolate,
      seq,
      ack: this.#ack,
      incarnation: this.#incarnation,
      hold: this.#tokens + this.unsettled,
      pocket: this.#tokens,
      back: this.#back,
      refund: this.#refund,
      refundAt: this.#refundAt,
      overdrawn: this.uncharged,
      need: asked.map(({ cost }) => cost),
      want: final ? 0 : this.#wantBeyond(wanted, need, asked.length),
      rate,
      final,
    }
    // Not cumulative: said twice it could be credited twice, so a call that is lost loses it.
    this.#refund = 0
    this.#takenAtSend = this.#taken - this.unsettled
    this.#overdrawnAtSend = this.#overdrawn
    return call
  }

  /** Takes in a reply and decides who waits. False where its call was given up: then it is never used. */
  accept(reply: LeaseReply, now: number): boolean {
    this.#advance(now)
    const sent = this.receive(reply.seq)
    if (sent === null) return false
    if (now >= this.#expiresAt) {
      // It ended while the call was on its way: a new lease may not bring it back (of a quota, into a new period).
      this.#tokens = 0
      this.#voidMarks()
    }
    this.#ack = reply.seq
    this.#charged = this.#overdrawnAtSend
    if (reply.incarnation !== this.#incarnation) this.#begin(reply.incarnation)
    const endsAt = sent.at + reply.ttlMs
    if (endsAt > now) {
      this.#tokens += reply.lease
      this.#expiresAt = Math.max(this.#expiresAt, endsAt)
    }
    this.#isLeasing = reply.lease > 0
    this.#all = reply.all
    this.#takenAtAll = this.#takenAtSend
    this.#resetAt = reply.resetMs === null ? null : now + reply.resetMs
    this.#isolates = reply.isolates
    this.#roundTripMs = now - sent.at
    const refused = sent.asked[reply.granted]
    this.#remember(refused?.cost ?? null, reply.waitMs, now)
    for (const waiter of sent.asked.slice(0, reply.granted)) this.#grant(waiter, reply)
    this.serveWaiting(sent.asked, (waiter) => this.#serve(waiter, now))
    return true
  }

  /**
   * Whether to ask now, so that no request has to wait: the pocket runs dry or ends soon. `slack` multiplies the
   * time that is thought to be left: more than 1 where it is cheap to ask.
   */
  wantsRenewal(now: number, slack: number): boolean {
    if (this.inFlight !== null || !this.#isLeasing) return false
    if (now < this.notBefore || now >= this.#expiresAt || this.isFailing(now)) return false
    const rate = this.meter.rate(now)
    if (rate * HORIZON_MS < 2) return false
    const reachMs = slack * (this.#roundTripMs + SLACK_MS)
    return this.#tokens <= rate * reachMs || this.#expiresAt - now < ENDING_MS + reachMs
  }

  /** Whether it has tokens that could be given back, or a refund to tell of: of a quota it would be lost for weeks. */
  hasSpare(_now: number): boolean {
    return this.#tokens > 0 || this.#refund > 0
  }

  /** Whether it has such, and nobody asked for tokens of late. */
  isIdle(now: number): boolean {
    return this.hasSpare(now) && now - this.meter.lastAt >= IDLE_MS
  }

  endsWithin(ms: number, now: number): boolean {
    return this.#tokens > 0 && this.#expiresAt - now < ms
  }

  /** Milliseconds before which a refused cost cannot be had, at least 1. */
  retryAfterMs(cost: number, shape: BucketShape, now: number): number {
    let at = this.isOverloaded ? this.notBefore : this.#freeAt
    if (cost > this.refusedCost && !this.isOverloaded) {
      // The object's wait is for the smaller cost that it refused.
      if (shape.kind === 'rate') at += ((cost - this.refusedCost) * shape.windowMs) / shape.limit
      else if (this.#resetAt !== null) at = Math.max(at, this.#resetAt)
    }
    return Math.max(1, Math.ceil(at - now))
  }

  /** Tokens that can still be had, as far as is known here (§7). */
  remaining(now: number): number {
    const inPocket = now < this.#expiresAt ? this.#tokens : 0
    // A refund is told with the next call, before that asks for anything.
    return Math.max(0, inPocket, this.#known + this.#refund)
  }

  /** What the object said last without what was taken here since; below 0 where that was more. */
  get #known(): number {
    return this.#all - (this.#taken - this.#takenAtAll)
  }

  /** Milliseconds until more can be had, never too short; null while some can be had. */
  resetMs(shape: BucketShape, now: number): number | null {
    if (this.remaining(now) > 0) return null
    if (now < this.#freeAt) return this.retryAfterMs(1, shape, now)
    if (this.#resetAt !== null) return Math.max(1, this.#resetAt - now)
    if (shape.kind !== 'rate') return 1
    // The object, which lets nobody owe more than a full bucket, has not yet said when this debt is paid.
    const owed = this.uncharged > 0 ? Math.min(-this.#known, shape.burst) : 0
    return Math.ceil(((Math.max(0, owed) + 1) * shape.windowMs) / shape.limit)
  }

  /** A lease for fewer than two more requests would cost as many calls as it saves: the last one gives it back. */
  #wantBeyond(wanted: number, need: number, waiting: number): number {
    const want = wanted - this.#tokens - need
    const each = waiting === 0 ? 1 : need / waiting
    return want < 2 * each ? 0 : want
  }

  #advance(now: number): void {
    if (!this.wentBack(now)) return
    this.#tokens = 0
    this.#expiresAt = Number.NEGATIVE_INFINITY
    this.#freeAt = Number.NEGATIVE_INFINITY
    this.#voidMarks()
  }

  #begin(incarnation: string): void {
    this.#incarnation = incarnation
    this.#back = 0
    this.#refund = 0
  }

  #remember(refusedCost: number | null, waitMs: number, now: number): void {
    // A refusal without a wait would be asked again at once, without end.
    const ms = refusedCost === null ? waitMs : Math.max(1, waitMs)
    this.#freeAt = ms > 0 ? now + ms : Number.NEGATIVE_INFINITY
    this.notBefore = Math.min(this.#freeAt, now + REMEMBERED_MS)
    this.refusedCost = refusedCost ?? 1
  }

  #grant(waiter: Waiter, { incarnation, at }: LeaseReply): void {
    const hold: Hold = { from: 'object', incarnation, at }
    if (waiter.state === 'withdrawn') this.refund(waiter.cost, hold)
    else if (waiter.state === 'waiting') {
      waiter.state = 'held'
      waiter.hold = hold
    }
  }

  #serve(waiter: Waiter, now: number): void {
    const verdict = this.look(waiter.cost, now)
    if (verdict === 'missing') return
    waiter.state = verdict
    if (verdict === 'held') waiter.hold = { from: 'pocket', mark: this.take(waiter.cost) }
  }

  #release(cost: number, mark: number): boolean {
    if (mark === this.#mark) this.#young -= cost
    else if (mark === this.#mark - 1) this.#old -= cost
    else return false
    return true
  }

  #roll(now: number): void {
    if (now - this.#rolledAt < SETTLED_MS) return
    this.#rolledAt = now
    this.#mark += 1
    this.#old = this.#young
    this.#young = 0
  }

  #voidMarks(): void {
    this.#mark += 2
    this.#young = 0
    this.#old = 0
  }
}
