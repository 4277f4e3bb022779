/** One run: an object, its isolates, the network between them, and what is done to them; then the verdict. */
import type { LeaseCall } from '../../../src/buckets/messages.ts'
import { makeRandom } from '../../doubles/tables.ts'
import { EventHeap } from './heap.ts'
import { Admissions, excessOverQuota, excessOverRate } from './ideal.ts'
import { Network } from './network.ts'
import type { Setting } from './setting.ts'
import { type Answer, type IsolateFault, SimIsolate } from './sim-isolate.ts'
import { Fenced, type ObjectFault, SimObject } from './sim-object.ts'

const BUCKET = 'b'
// An object's clock jumps at most once within the life of a lease: more than the margin together is outside the claim.
const STEP_EVERY_MS = 8_000

export interface Faults {
  readonly object?: ObjectFault
  readonly isolate?: IsolateFault
}

export class World {
  readonly heap = new EventHeap()
  readonly setting: Setting
  readonly random: () => number
  readonly network: Network
  readonly object: SimObject
  readonly isolateFault: IsolateFault
  readonly admissions = new Admissions()
  requests = 0
  #requestsAtHalf = 0
  faulted = 0
  waited = 0
  fromPocket = 0
  /** Takes at which an isolate held more than the object's account says that it has out. */
  readonly unaccounted: string[] = []
  /** Told at each restart what isolates hold alive, and what the storage says that they hold at most. */
  onRestart: (held: number, announced: number) => void = () => {}
  #isolates: SimIsolate[]
  #made = 0

  constructor(setting: Setting, seed: number, faults: Faults = {}) {
    const { heap } = this
    this.setting = setting
    this.random = makeRandom(seed)
    this.isolateFault = faults.isolate ?? {}
    this.network = new Network(heap, this.random, setting.wire)
    this.object = new SimObject(heap, this.random, setting.startsAt, faults.object)
    heap.plan(setting.durationMs / 2, () => {
      this.#requestsAtHalf = this.requests
    })
    this.#isolates = setting.arrivals.map((make) => this.#makeIsolate(make()))
    this.#every(setting.restartEveryMs, () => this.#restart())
    this.#every(setting.deathEveryMs, () => this.#kill())
    this.#every(setting.clockForwardMs > 0 ? STEP_EVERY_MS : Number.POSITIVE_INFINITY, () =>
      this.object.stepForward(Math.floor(this.random() * setting.clockForwardMs)),
    )
    this.#every(setting.isolateBackMs > 0 ? STEP_EVERY_MS : Number.POSITIVE_INFINITY, () => {
      for (const isolate of this.#isolates) {
        isolate.stepClock(-Math.floor(this.random() * setting.isolateBackMs))
      }
    })
  }

  /** Runs to the end; what is then neither spent nor given back counts as admitted. */
  run(): this {
    this.heap.runUntil(this.setting.durationMs)
    for (const isolate of this.#isolates) isolate.die()
    return this
  }

  costOfNext(): number {
    const { mostCost } = this.setting
    return mostCost === 1 ? 1 : 1 + Math.floor(this.random() * mostCost)
  }

  ask(call: LeaseCall): Answer | 'fenced' {
    const judgedAt = this.object.judgedNow()
    try {
      return { reply: this.object.call(BUCKET, this.setting.shape, call), judgedAt }
    } catch (error) {
      if (error instanceof Fenced) return 'fenced'
      throw error
    }
  }

  admit(judgedAt: number, cost: number): void {
    this.admissions.add(judgedAt, cost)
  }

  checkHolder({ pocket }: SimIsolate): void {
    const out = this.object.outOf(BUCKET, this.setting.shape, pocket)
    if (out === null || pocket.tokens + pocket.unsettled <= out) return
    this.unaccounted.push(
      `${pocket.isolate} at ${this.heap.now}: ${pocket.tokens} + ${pocket.unsettled} > ${out}`,
    )
  }

  /** Tokens above the bound; 0 or less is right. */
  excess(): number {
    const { shape } = this.setting
    if (shape.kind === 'rate') return excessOverRate(shape, this.admissions)
    return excessOverQuota(shape, this.admissions)
  }

  /** Of the second half: what was admitted of what the limit or the offer allows, in percent. */
  steadyPercent(): number {
    const { shape, durationMs, startsAt } = this.setting
    const half = durationMs / 2
    const offered = this.requests - this.#requestsAtHalf
    const allowed = shape.kind === 'rate' ? (shape.limit * half) / shape.windowMs : shape.limit
    return (100 * this.admissions.since(startsAt + half)) / Math.min(allowed, offered)
  }

  #makeIsolate(arrivals: ReturnType<Setting['arrivals'][number]>): SimIsolate {
    return new SimIsolate(this, `isolate-${++this.#made}`, arrivals)
  }

  #kill(): void {
    const index = Math.floor(this.random() * this.#isolates.length)
    const make = this.setting.arrivals[index]
    if (make === undefined) return
    this.#isolates[index]?.die()
    this.#isolates[index] = this.#makeIsolate(make())
  }

  #restart(): void {
    const { clockBackMs, overlapMs } = this.setting
    const line = [...this.object.stored.values()].find(({ kind }) => kind === 'rate')
    // Without a line of its own, or with an exact one of a bucket at rest, nothing is out.
    const announced = line?.kind === 'rate' ? line.outstanding : 0
    let held = 0
    for (const isolate of this.#isolates) held += isolate.held
    this.onRestart(held, announced)
    this.object.restart({
      overlapMs: Math.floor(this.random() * overlapMs),
      backMs: Math.floor(this.random() * clockBackMs),
    })
  }

  #every(ms: number, act: () => void): void {
    if (ms === Number.POSITIVE_INFINITY) return
    const again = () => {
      act()
      this.heap.plan(this.heap.now + ms * (0.5 + this.random()), again)
    }
    this.heap.plan(ms * (0.5 + this.random()), again)
  }
}
