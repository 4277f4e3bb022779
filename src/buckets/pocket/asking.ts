/**
 * What is the same for an isolate's side of any bucket: calls that are numbered, one in flight at a time, the
 * requests that wait for one, and what a call came to that brought no reply (LEASES.md §1.3, §6). No I/O.
 */

import type { BucketCall } from '../messages.ts'
import type { Use } from './slots.ts'

/** The call is given up, and a reply that comes later is never used. */
export const CALL_TIMEOUT_MS = 1_000
// Longer than most stores need to come back, shorter than anyone is told to wait by a 503.
const FAULT_MS = 500

/** What a request holds: from the pocket by the mark of its taking, or granted directly by the object. */
export type Hold =
  | { readonly from: 'pocket'; readonly mark: number }
  | { readonly from: 'object'; readonly incarnation: string; readonly at: number }
  | { readonly from: 'slots'; readonly use: Use }

/** A request that waits for a call. Plain data: each request reads its own when the call has landed. */
export interface Waiter {
  readonly cost: number
  state: 'waiting' | 'held' | 'refused' | 'faulted' | 'withdrawn'
  hold: Hold | null
}

interface Sent {
  readonly seq: number
  readonly at: number
  readonly asked: readonly Waiter[]
}

export abstract class Asking {
  /** Random, made when the isolate first uses the bucket. */
  readonly isolate: string
  protected notBefore = Number.NEGATIVE_INFINITY
  /** The smallest cost that the remembered refusal is about. */
  protected refusedCost = 1
  #isOverloaded = false
  #seq = 0
  #sent: Sent | null = null
  #waiting: Waiter[] = []
  #hasFailed = false
  #failedUntil = Number.NEGATIVE_INFINITY
  #lastNow = Number.NEGATIVE_INFINITY

  constructor(isolate: string) {
    this.isolate = isolate
  }

  /** The number of the call in flight, or null. */
  get inFlight(): number | null {
    return this.#sent?.seq ?? null
  }

  /** Whether a request waits that no call in flight asks for. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether the remembered refusal is the object's word that it has too many calls. */
  get isOverloaded(): boolean {
    return this.#isOverloaded
  }

  /** The store failed just now, or is being tried again: nobody else waits for it. */
  isFailing(now: number): boolean {
    return this.#hasFailed && (now < this.#failedUntil || this.#sent !== null)
  }

  isRefused(cost: number, now: number): boolean {
    return now < this.notBefore && cost >= this.refusedCost
  }

  /** Whether tokens are there, a refusal is remembered, or the object has to be asked. Takes nothing. */
  abstract look(cost: number, now: number): 'held' | 'refused' | 'missing'
  abstract draft(now: number, purpose: { readonly final: boolean }): BucketCall
  /** Whether it holds what could be given back. */
  abstract hasSpare(now: number): boolean
  /** Whether nobody asked for that of late. */
  abstract isIdle(now: number): boolean
  /** Whether what it holds is lost after so long, unless it is renewed. */
  abstract endsWithin(ms: number, now: number): boolean

  join(cost: number): Waiter {
    const waiter: Waiter = { cost, state: 'waiting', hold: null }
    this.#waiting.push(waiter)
    return waiter
  }

  /** The request waits no longer: what is granted to it is handed back. */
  withdraw(waiter: Waiter): void {
    if (waiter.state === 'waiting') waiter.state = 'withdrawn'
    this.#waiting = this.#waiting.filter((one) => one !== waiter)
  }

  /** The object said that it is overloaded: a refusal for everyone, for so long. */
  overload(pauseMs: number, now: number): void {
    const asked = this.#land()
    this.notBefore = now + pauseMs
    this.refusedCost = 0
    this.#isOverloaded = true
    this.#decide([...asked, ...this.#waiting], 'refused')
  }

  /** The store failed: those who wait fall back on what their policy says of that. */
  fault(now: number): void {
    const asked = this.#land()
    this.#fail(now)
    this.#decide([...asked, ...this.#waiting], 'faulted')
  }

  /** No reply in time. Final: those who still wait are asked for again by the next call. */
  giveUp(now: number): void {
    this.drop()
    this.#fail(now)
  }

  /** The request that led the call has ended: the call is lost, the store is not to blame. */
  drop(): void {
    const asked = this.#land()
    this.#waiting = [...asked.filter(({ state }) => state === 'waiting'), ...this.#waiting]
  }

  /** Whether this isolate's clock went back since the last look at it. */
  protected wentBack(now: number): boolean {
    const isBack = now < this.#lastNow
    this.#lastNow = now
    if (isBack) {
      // Durations would be counted from an instant that is still to come.
      this.drop()
      this.notBefore = Number.NEGATIVE_INFINITY
      this.#failedUntil = Number.NEGATIVE_INFINITY
    }
    return isBack
  }

  /** Numbers the next call and takes along all who wait. */
  protected send(now: number): Sent {
    if (this.#sent !== null) throw new Error('One call at a time: the last one is still in flight.')
    this.#seq += 1
    this.#sent = { seq: this.#seq, at: now, asked: this.#waiting }
    this.#waiting = []
    return this.#sent
  }

  /** Forgets what was refused: an operator changed the bucket. */
  forgetRefusal(): void {
    this.notBefore = Number.NEGATIVE_INFINITY
  }

  /** The call that a reply belongs to, or null where that was given up. */
  protected receive(seq: number): Sent | null {
    const sent = this.#sent
    if (sent === null || sent.seq !== seq) return null
    this.#sent = null
    this.#hasFailed = false
    this.#isOverloaded = false
    return sent
  }

  /** Serves in order of coming; whom `serve` leaves waiting is asked for by the next call. */
  protected serveWaiting(asked: readonly Waiter[], serve: (waiter: Waiter) => void): void {
    const all = [...asked, ...this.#waiting]
    this.#waiting = []
    for (const waiter of all) {
      if (waiter.state !== 'waiting') continue
      serve(waiter)
      if (waiter.state === 'waiting') this.#waiting.push(waiter)
    }
  }

  #fail(now: number): void {
    this.#hasFailed = true
    this.#failedUntil = now + FAULT_MS
  }

  #land(): readonly Waiter[] {
    const asked = this.#sent?.asked ?? []
    this.#sent = null
    return asked
  }

  #decide(waiters: readonly Waiter[], state: 'refused' | 'faulted'): void {
    for (const waiter of waiters) if (waiter.state === 'waiting') waiter.state = state
    this.#waiting = []
  }
}
