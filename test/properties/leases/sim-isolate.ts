/**
 * One isolate: the production pocket with a clock of its own that is off and drifts, requests that come, wait, give
 * up and are given back, and one numbered call at a time. What `take.ts` does with promises is done here by events.
 */
import type { BucketReply, LeaseCall, LeaseReply } from '../../../src/buckets/messages.ts'
import { CALL_TIMEOUT_MS, type Hold, type Waiter } from '../../../src/buckets/pocket/asking.ts'
import { IDLE_MS, Pocket } from '../../../src/buckets/pocket/pocket.ts'
import type { Arrivals } from './arrivals.ts'
import type { World } from './world.ts'

/** How one rule of the isolate is broken, for the tests of the tests. */
export interface IsolateFault {
  /** Sees a reply before the pocket does; `roundTripMs` is by the isolate's clock. */
  readonly read?: (reply: LeaseReply, roundTripMs: number) => LeaseReply
  /** A reply to a call that was given up is used all the same. */
  readonly usesLateReplies?: boolean
}

interface Pending {
  readonly waiter: Waiter
  readonly cost: number
}

export class SimIsolate {
  readonly pocket: Pocket
  readonly #world: World
  readonly #arrivals: Arrivals
  readonly #drift: number
  #offset: number
  #pending: Pending[] = []
  #isDead = false
  #watchesIdle = false
  /** What was taken and may still be given back: if the isolate dies, it was admitted. */
  readonly #open = new Set<{ readonly judgedAt: number; readonly cost: number }>()
  readonly #arrive = () => this.#request()

  constructor(world: World, name: string, arrivals: Arrivals) {
    this.#world = world
    this.#arrivals = arrivals
    this.#drift = (world.random() - 0.5) * 2e-4
    this.#offset = Math.floor((world.random() - 0.5) * 2_000_000) + 5_000_000
    this.pocket = new Pocket(name)
    this.#planNext()
  }

  now(): number {
    return Math.floor(this.#world.heap.now * (1 + this.#drift) + this.#offset)
  }

  stepClock(byMs: number): void {
    this.#offset += byMs
  }

  /** Tokens that can still be spent here. */
  get held(): number {
    return this.now() < this.pocket.expiresAt ? this.pocket.tokens : 0
  }

  /** Ends at once, with whatever it holds: requests that were let through stay admitted. */
  die(): void {
    this.#isDead = true
    for (const { judgedAt, cost } of this.#open) this.#world.admit(judgedAt, cost)
    this.#open.clear()
  }

  #planNext(): void {
    const { heap, random } = this.#world
    heap.plan(this.#arrivals(heap.now, random), this.#arrive)
  }

  #request(): void {
    if (this.#isDead) return
    this.#planNext()
    const world = this.#world
    const { pocket } = this
    const cost = world.costOfNext()
    const now = this.now()
    world.requests++
    pocket.meter.hit(cost, now)
    const verdict = pocket.look(cost, now)
    if (verdict === 'held') {
      world.checkHolder(this)
      this.#admit(cost, { from: 'pocket', mark: pocket.take(cost) }, world.object.judgedNow())
      world.fromPocket += cost
      if (pocket.wantsRenewal(now, 1)) this.#send({ final: false })
    } else if (verdict === 'missing' && !pocket.isFailing(now)) this.#wait(cost)
    else if (verdict === 'missing') world.faulted++
  }

  #wait(cost: number): void {
    const waiter = this.pocket.join(cost)
    this.#pending.push({ waiter, cost })
    const { heap, setting } = this.#world
    if (setting.patienceMs < CALL_TIMEOUT_MS) {
      heap.plan(heap.now + setting.patienceMs, () => {
        if (waiter.state !== 'waiting') return
        this.pocket.withdraw(waiter)
        this.#decide()
      })
    }
    if (this.pocket.inFlight === null) this.#send({ final: false })
  }

  #send(kind: { readonly final: boolean }): void {
    const world = this.#world
    const sentAt = this.now()
    const call = this.pocket.draft(sentAt, kind)
    world.heap.plan(world.heap.now + CALL_TIMEOUT_MS, () => this.#giveUp(call.seq))
    world.network.exchange(
      (overloaded) => (overloaded ? null : world.ask(call)),
      (answer) => this.#receive(call, sentAt, answer),
    )
  }

  #giveUp(seq: number): void {
    if (this.#isDead || this.pocket.inFlight !== seq) return
    this.pocket.giveUp(this.now())
    this.#goOn()
  }

  #receive(call: LeaseCall, sentAt: number, answer: Answer | null | 'fenced'): void {
    if (this.#isDead || answer === 'fenced') return
    const { pocket } = this
    const now = this.now()
    const usesLate = this.#world.isolateFault.usesLateReplies === true
    if (pocket.inFlight !== call.seq && !(usesLate && pocket.inFlight !== null)) return
    if (answer === null) pocket.overload(100 + Math.floor(this.#world.random() * 200), now)
    else if (answer.reply.kind === 'leased') {
      const read = this.#world.isolateFault.read?.(answer.reply, now - sentAt) ?? answer.reply
      pocket.accept({ ...read, seq: pocket.inFlight ?? call.seq }, now)
      this.#watchIdle()
    } else pocket.drop()
    this.#goOn(answer?.judgedAt)
  }

  #goOn(judgedAt = 0): void {
    this.#decide(judgedAt)
    if (this.pocket.hasWaiting && this.pocket.inFlight === null) this.#send({ final: false })
  }

  /** Looks which of those who wait have been decided. */
  #decide(judgedAt = 0): void {
    const undecided: Pending[] = []
    for (const pending of this.#pending) {
      const { waiter, cost } = pending
      if (waiter.state === 'waiting') undecided.push(pending)
      else if (waiter.state === 'held' && waiter.hold !== null) {
        const direct = waiter.hold.from === 'object'
        if (!direct) this.#world.checkHolder(this)
        this.#world.waited += cost
        this.#admit(cost, waiter.hold, direct ? judgedAt : this.#world.object.judgedNow())
      } else if (waiter.state !== 'refused') this.#world.faulted++
    }
    this.#pending = undecided
  }

  #admit(cost: number, hold: Hold, judgedAt: number): void {
    const world = this.#world
    const { refunds, refundAfterMs } = world.setting
    const isRefunded = refunds > 0 && world.random() < refunds
    if (refundAfterMs === 0 && !isRefunded) {
      this.pocket.settle(cost, hold)
      world.admit(judgedAt, cost)
      return
    }
    const open = { judgedAt, cost }
    this.#open.add(open)
    world.heap.plan(world.heap.now + world.random() * refundAfterMs, () => {
      if (!this.#open.delete(open)) return
      if (isRefunded) this.pocket.refund(cost, hold)
      else {
        this.pocket.settle(cost, hold)
        world.admit(judgedAt, cost)
      }
    })
  }

  #watchIdle(): void {
    if (this.#watchesIdle || this.pocket.tokens === 0) return
    this.#watchesIdle = true
    const { heap } = this.#world
    const due = Math.max(1, this.pocket.meter.lastAt + IDLE_MS - this.now() + 1)
    heap.plan(heap.now + due, () => {
      this.#watchesIdle = false
      if (this.#isDead) return
      const { pocket } = this
      if (pocket.inFlight === null && pocket.isIdle(this.now())) this.#send({ final: true })
      else this.#watchIdle()
    })
  }
}

/** What the object said, and when by the time that the bound is judged in. */
export interface Answer {
  readonly reply: BucketReply
  readonly judgedAt: number
}
