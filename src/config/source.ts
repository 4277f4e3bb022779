/**
 * Which table is live in this isolate (DESIGN.md "Three forms"): one object per isolate. A warm isolate serves
 * first and looks then; whatever happens to the store or to the text in it, a table that served serves on.
 */
import { type Refusal, refuse } from '../errors/refusal.ts'
import type { Ports, TablePorts } from '../platform/ports.ts'
import { SingleFlight } from '../platform/single-flight.ts'
import { absentProblem, type LiveTable, storeProblem, type TableStatus } from './live-table.ts'
import type { Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import { type SeekParts, type Sought, seek } from './seek.ts'
import { decideLook, isFresh, type LookPolicy } from './source-core.ts'

/** What a request brings; the rest is made of it only when a look is due. */
export type LookPorts = Pick<Ports, 'clock' | 'defer'>

export interface TableSourceParts extends SeekParts {
  readonly policy: LookPolicy
  readonly portsOf: (ports: LookPorts) => TablePorts
}

/** `behind`: answer with the plan, then look. `first`: look, then answer. */
export type Due = 'no' | 'behind' | 'first'

// An owner that has not seen a table yet, or is away, is asked again after this.
const CONFIRM_AGAIN_MS = 10_000

export class TableSource {
  readonly #parts: TableSourceParts
  readonly #flight: SingleFlight<void>
  #live: LiveTable | null = null
  #lookedAt: number | null = null
  #failing = false
  #absent = false
  #refused: { readonly version: string; readonly problems: readonly Problem[] } | null = null
  #refusedGood: string | null = null
  #stamp = 0
  #heldUntil = 0
  /** Looks are numbered: one that comes late undoes neither a newer look nor a PUT. */
  #lastLook = 0
  #appliedLook = 0
  #unconfirmed: { readonly version: string; readonly notBefore: number } | null = null

  constructor(parts: TableSourceParts) {
    this.#parts = parts
    this.#flight = new SingleFlight(parts.policy.storeTimeoutMs)
  }

  /** The plan that serves, or null. */
  get plan(): Plan | null {
    return this.#live?.plan ?? null
  }

  /** Why there is no plan: what a request that needs one is answered. */
  get missing(): Refusal {
    if (this.#failing) {
      return refuse('STORE_UNAVAILABLE', {
        detail: 'The store of the routes does not answer, and none are loaded.',
        headers: { 'Retry-After': '1' },
      })
    }
    if (this.#refused === null) return refuse('TABLE_MISSING')
    return refuse('TABLE_MISSING', {
      detail: 'The table in KV has problems, and none was accepted before it.',
    })
  }

  /** What a request does about the table. Most of the time two comparisons tell, and nothing is made. */
  due(now: number): Due {
    const { policy } = this.#parts
    const lookedAt = this.#lookedAt
    const loaded = this.#live !== null
    if (loaded && lookedAt !== null && isFresh(now - lookedAt, policy.refreshAfterMs)) return 'no'
    const look = decideLook({ now, lookedAt, loaded, failing: this.#failing, policy })
    switch (look) {
      case 'serve':
        return 'no'
      case 'serve-then-look':
        return this.#flight.isFlying(now) ? 'no' : 'behind'
      case 'look-first':
        return 'first'
    }
  }

  /** Looks for a newer table, or joins the look under way; returns within the policy's `storeTimeoutMs`. */
  async look(ports: LookPorts): Promise<void> {
    const tablePorts = this.#parts.portsOf(ports)
    const startedAt = ports.clock.now()
    const flown = await this.#flight.fly(tablePorts, () => this.#seek(tablePorts))
    if (flown.kind === 'landed') return
    // Nothing landed since: the store is slow, or the request that looked is gone.
    if (this.#lookedAt === null || this.#lookedAt <= startedAt) this.#fail(ports.clock.now())
  }

  /** Puts a table in force here at once: the one that a PUT of this isolate has just brought into the store. */
  adopt(table: Omit<LiveTable, 'loadedAt' | 'from'>, stamp: number, now: number): void {
    this.#appliedLook = this.#lastLook
    this.#stamp = Math.max(this.#stamp, stamp)
    this.#heldUntil = now + this.#parts.policy.holdMs
    this.#unconfirmed = null
    this.#serve({ ...table, loadedAt: now, from: 'routes' })
    this.#settle(now, now)
  }

  status(): TableStatus {
    const problems = [
      ...(this.#failing ? [storeProblem()] : []),
      ...(this.#absent && this.#live !== null ? [absentProblem()] : []),
      ...(this.#refused?.problems ?? []),
      ...(this.#live?.lacks ?? []),
    ]
    return { live: this.#live, lookedAt: this.#lookedAt, problems }
  }

  async #seek(ports: TablePorts): Promise<void> {
    const number = ++this.#lastLook
    const startedAt = ports.clock.now()
    const sought = await seek(ports, this.#parts, {
      live: this.#live?.version ?? null,
      refused: this.#refused?.version ?? null,
      refusedGood: this.#refusedGood,
      stamp: this.#stamp,
      heldUntil: this.#heldUntil,
    })
    if (number <= this.#appliedLook) return
    this.#appliedLook = number
    const now = ports.clock.now()
    this.#apply(sought)
    if (sought.kind === 'failed') this.#fail(now)
    else this.#settle(startedAt, now)
    this.#askToConfirm(ports, now)
  }

  #apply(sought: Sought): void {
    switch (sought.kind) {
      case 'failed':
      case 'stale':
        return
      case 'same':
        this.#stamp = Math.max(this.#stamp, sought.stamp)
        if (this.#live !== null) this.#serve({ ...this.#live, from: 'routes' })
        return
      case 'loaded':
        this.#stamp = Math.max(this.#stamp, sought.stamp)
        this.#unconfirmed = sought.confirmed ? null : { version: sought.live.version, notBefore: 0 }
        this.#serve(sought.live)
        return
      case 'absent':
        this.#absent = true
        this.#refused = null
        break
      case 'refused':
        this.#absent = false
        this.#refused = { version: sought.version, problems: sought.problems }
        break
      case 'refused-before':
        break
    }
    if (sought.good.kind === 'refused') this.#refusedGood = sought.good.version
    // What a PUT put in force meanwhile is newer than the last good table of a cold start.
    if (sought.good.kind === 'loaded' && this.#live === null) this.#live = sought.good.live
  }

  /** The text under `routes` is in force: what was wrong with it is over. */
  #serve(live: LiveTable): void {
    this.#live = live
    this.#absent = false
    this.#refused = null
  }

  #fail(now: number): void {
    this.#failing = true
    this.#lookedAt = now
  }

  #settle(startedAt: number, now: number): void {
    this.#failing = false
    // Counted from its start, since what it saw is that old; but a look that took longer than the interval
    // may not make every request wait for the next one.
    this.#lookedAt = Math.max(startedAt, now - this.#parts.policy.refreshAfterMs)
  }

  #askToConfirm(ports: TablePorts, now: number): void {
    const asked = this.#unconfirmed
    if (asked === null || asked.version !== this.#live?.version || now < asked.notBefore) return
    const { version } = asked
    this.#unconfirmed = { version, notBefore: now + CONFIRM_AGAIN_MS }
    const ask = async () => {
      const outcome = await ports.versions.confirm({ version, build: this.#parts.build })
      const isDone = outcome.kind === 'confirmed' || outcome.kind === 'kept'
      if (isDone && this.#unconfirmed?.version === version) this.#unconfirmed = null
    }
    ports.defer(ask())
  }
}
