/**
 * What one isolate knows of purges: a copy of the list, looked after in the background. Only an isolate that has not
 * looked for so long that its word would be worth nothing (it just began, or slept) has its stores wait for a look.
 */
import type { Clock, Documents, Timers } from '../platform/ports.ts'
import { SingleFlight } from '../platform/single-flight.ts'
import type { Purge, PurgeView } from './answer.ts'
import {
  makePurgeView,
  noPurgeList,
  type PurgeList,
  purgesKey,
  readPurgeList,
  withPurge,
} from './purge-core.ts'

export interface PurgePolicy {
  /** A list this old is looked after while it serves on. */
  readonly refreshAfterMs: number
  /** With a list this old nothing is taken from a store before it was looked after. */
  readonly waitAfterMs: number
  /** After a look that failed. */
  readonly retryAfterMs: number
  /** How long a look may take. */
  readonly timeoutMs: number
  /** Within which a purge is in force everywhere, from the answer to it. */
  readonly boundSeconds: number
}

/**
 * A copy of KV is at most 60 s old where it is read with a cacheTtl of 30 s, and an isolate goes by it for 30 s: 90 s.
 * On one machine KV is one process, and shows a write at once.
 */
export const purgePolicies = {
  cloudflare: {
    refreshAfterMs: 10_000,
    waitAfterMs: 30_000,
    retryAfterMs: 1_000,
    timeoutMs: 1_000,
    boundSeconds: 90,
  },
  machine: {
    refreshAfterMs: 250,
    waitAfterMs: 750,
    retryAfterMs: 100,
    timeoutMs: 1_000,
    boundSeconds: 1,
  },
} as const satisfies Record<string, PurgePolicy>

export interface WatchPorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly documents: Pick<Documents, 'getIfChanged'>
  defer(work: Promise<unknown>): void
}

/** `blind`: whether an entry was purged cannot be said. */
export type Sight = 'sure' | 'blind'

export class PurgeWatch {
  readonly #policy: PurgePolicy
  readonly #flight: SingleFlight<boolean>
  /** As KV showed it last. */
  #list: PurgeList = noPurgeList
  /** What was purged through this isolate and KV does not show yet, oldest first. */
  #own: readonly { readonly purge: Purge; readonly generation: number }[] = []
  #view: PurgeView = makePurgeView(noPurgeList)
  #lookedAt: number | null = null
  #triedAt: number | null = null

  constructor(policy: PurgePolicy) {
    this.#policy = policy
    this.#flight = new SingleFlight(policy.timeoutMs)
  }

  /** What is known; begins a look where it is time for one. `ports` is asked for only then. */
  current(now: number, ports: () => WatchPorts): PurgeView {
    if (!this.#isYounger(this.#triedAt, this.#policy.refreshAfterMs, now)) this.#look(ports())
    return this.#view
  }

  /** Whether the view is as young as is promised, at once where it is; else after a look. */
  sight(now: number, ports: () => WatchPorts): Sight | Promise<Sight> {
    if (this.#isYounger(this.#lookedAt, this.#policy.waitAfterMs, now)) return 'sure'
    const known: Sight = this.#lookedAt === null ? 'blind' : 'sure'
    // Where KV fails one request in a while waits for it, not each.
    const failed = this.#triedAt !== null && this.#triedAt !== this.#lookedAt
    const isTried = failed && this.#isYounger(this.#triedAt, this.#policy.retryAfterMs, now)
    if (isTried && !this.#flight.isFlying(now)) return known
    return this.#look(ports()).then((seen) => (seen ? 'sure' : known))
  }

  async refresh(ports: WatchPorts): Promise<void> {
    await this.#look(ports)
  }

  /** This isolate's own purge is in force here at once. */
  learn(purge: Purge, generation: number): void {
    this.#own = [...this.#own, { purge, generation }].sort((a, b) => a.generation - b.generation)
    this.#take(this.#list)
  }

  async #look(ports: WatchPorts): Promise<boolean> {
    const flown = await this.#flight.fly(ports, () => this.#read(ports))
    return flown.kind === 'landed' && flown.value
  }

  async #read({ clock, documents }: WatchPorts): Promise<boolean> {
    const now = clock.now()
    this.#triedAt = now
    try {
      const look = await documents.getIfChanged(purgesKey, [String(this.#list.generation)])
      if (look.kind === 'read') {
        const list = readPurgeList(look.text)
        if (list === null) return false
        // KV may show an older copy after a newer one.
        if (list.generation >= this.#list.generation) this.#take(list)
      }
      this.#lookedAt = now
      return true
    } catch {
      return false
    }
  }

  #take(list: PurgeList): void {
    this.#list = list
    this.#own = this.#own.filter(({ generation }) => generation > list.generation)
    const all = this.#own.reduce((to, { purge, generation }) => {
      return withPurge(to, purge, generation)
    }, list)
    this.#view = makePurgeView(all)
  }

  /** A clock that was set back would else put the next look off by as much. */
  #isYounger(at: number | null, ms: number, now: number): boolean {
    return at !== null && now >= at && now - at < ms
  }
}
