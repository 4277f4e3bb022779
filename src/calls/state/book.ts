/** What one object knows of its upstream: drives the parts, keeps what must survive its sleep, tells what changed. */
import type { Clock, Randomness } from '../../platform/ports.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
  UpstreamSpec,
  UpstreamStatus,
} from './messages.ts'
import type { FleetPart, Notice, PartContext, Turn, WakeIo } from './part.ts'
import { fleetParts } from './parts.ts'

export interface UpstreamStorage {
  read(key: string): unknown
  write(key: string, value: unknown): void
  delete(key: string): void
}

export interface UpstreamBookParts {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly storage: UpstreamStorage
  /** Has to call `wake` at that time, milliseconds since 1970; null: not at all. */
  wakeAt(time: number | null): void
  /** Writes a line for operators. */
  tell(notice: TimedNotice): void
}

export type TimedNotice = Notice & { readonly time: string }

type AnyPart = FleetPart<unknown, unknown, unknown, unknown, unknown>
type PartTable = Readonly<Record<string, unknown>>

/** The time between two reports of an isolate while all is well (DESIGN.md, State). */
export const REPORT_EVERY_MS = 5_000

const FORGET_ISOLATE_MS = 60_000
const MAX_ISOLATES = 10_000
const MAX_NOTICES = 20

export class UpstreamBook {
  readonly #parts: UpstreamBookParts
  readonly #fleet: Readonly<Record<string, AnyPart>>
  readonly #states = new Map<string, unknown>()
  /** What was kept last, as JSON. */
  readonly #kept = new Map<string, string>()
  readonly #isolates = new Map<string, { seq: number; at: number }>()
  #notices: TimedNotice[]
  #spec: UpstreamSpec
  #wakeAt: number | null = null

  /** `fleet` is given by tests alone. */
  constructor(parts: UpstreamBookParts, fleet: Readonly<Record<string, unknown>> = fleetParts) {
    this.#parts = parts
    this.#fleet = fleet as Readonly<Record<string, AnyPart>>
    const { storage } = parts
    this.#notices = (storage.read('notices') as TimedNotice[] | null) ?? []
    this.#spec = (storage.read('spec') as UpstreamSpec | null) ?? {}
  }

  exchange({ isolate, seq, spec, tally, words }: UpstreamReport): UpstreamSnapshot {
    const now = this.#parts.clock.now()
    const isNew = this.#isNew(isolate, seq, now)
    this.#spec = spec
    const views: Record<string, unknown> = {}
    for (const [name, part, context] of this.#asked(spec, now)) {
      const word = (words as PartTable)[name] ?? null
      const said = { isolate, tally: isNew ? tally : null, word }
      const turn = part.exchange(this.#state(name, part, now), said, context)
      views[name] = turn.view
      this.#settle(name, part, turn)
    }
    this.#plan(now)
    return { views: views as UpstreamSnapshot['views'], nextMs: REPORT_EVERY_MS }
  }

  command({ spec, change }: UpstreamCommand): UpstreamStatus {
    const now = this.#parts.clock.now()
    const shown: Record<string, unknown> = {}
    for (const [name, part, context] of this.#asked(spec, now)) {
      if (change.kind !== 'look' && part.command !== undefined) {
        this.#settle(name, part, part.command(this.#state(name, part, now), change, context))
      }
      if (part.show !== undefined) shown[name] = part.show(this.#state(name, part, now), context)
    }
    this.#forget(now)
    return { shown, notices: this.#notices, isolates: this.#isolates.size }
  }

  /** The time has come that `wakeAt` was given. */
  async wake(io: WakeIo): Promise<void> {
    const now = this.#parts.clock.now()
    this.#wakeAt = null
    for (const [name, part, context] of this.#asked(this.#spec, now)) {
      const at = part.wakeAt?.(this.#state(name, part, now), context) ?? null
      if (at === null || at > now || part.wake === undefined) continue
      this.#settle(name, part, await part.wake(this.#state(name, part, now), context, io))
    }
    this.#plan(this.#parts.clock.now())
  }

  *#asked(spec: UpstreamSpec, now: number): Iterable<[string, AnyPart, PartContext<unknown>]> {
    for (const [name, part] of Object.entries(this.#fleet)) {
      const options: unknown = (spec as PartTable)[name]
      if (options === undefined) continue
      const { randomness } = this.#parts
      const context = { options, now, fraction: randomness.fraction(), nonce: randomness.hex(8) }
      yield [name, part, context]
    }
  }

  #state(name: string, part: AnyPart, now: number): unknown {
    if (this.#states.has(name)) return this.#states.get(name)
    const kept = this.#parts.storage.read(`part:${name}`)
    if (kept !== null) this.#kept.set(name, JSON.stringify(kept))
    const state = part.begin(kept, now)
    this.#states.set(name, state)
    return state
  }

  #settle(name: string, part: AnyPart, { state, notices }: Turn<unknown>): void {
    this.#states.set(name, state)
    this.#keep(name, part.keep(state))
    if (notices === undefined || notices.length === 0) return
    const time = new Date(this.#parts.clock.now()).toISOString()
    const timed = notices.map((notice) => ({ time, ...notice }))
    for (const notice of timed) this.#parts.tell(notice)
    this.#notices = [...timed.toReversed(), ...this.#notices].slice(0, MAX_NOTICES)
    this.#parts.storage.write('notices', this.#notices)
  }

  /** Writes only what differs from what was written last: most messages write nothing. */
  #keep(name: string, kept: unknown): void {
    const text = kept === null ? undefined : JSON.stringify(kept)
    if (text === this.#kept.get(name)) return
    const { storage } = this.#parts
    if (text === undefined) {
      this.#kept.delete(name)
      storage.delete(`part:${name}`)
      return
    }
    this.#kept.set(name, text)
    storage.write(`part:${name}`, kept)
  }

  /** A report that comes twice counts once. */
  #isNew(isolate: string, seq: number, now: number): boolean {
    const known = this.#isolates.get(isolate)
    if (seq === 0) {
      if (known !== undefined) known.at = now
      return false
    }
    if (known !== undefined && seq <= known.seq) return false
    this.#isolates.delete(isolate)
    this.#isolates.set(isolate, { seq, at: now })
    if (this.#isolates.size > MAX_ISOLATES) {
      const [oldest] = this.#isolates.keys()
      if (oldest !== undefined) this.#isolates.delete(oldest)
    }
    return true
  }

  #forget(now: number): void {
    for (const [isolate, { at }] of this.#isolates) {
      if (now - at > FORGET_ISOLATE_MS) this.#isolates.delete(isolate)
    }
  }

  #plan(now: number): void {
    let next: number | null = null
    for (const [name, part, context] of this.#asked(this.#spec, now)) {
      const at = part.wakeAt?.(this.#state(name, part, now), context) ?? null
      if (at !== null && (next === null || at < next)) next = at
    }
    if (next === this.#wakeAt) return
    this.#wakeAt = next
    // An object that wakes has to know for what.
    if (next !== null) this.#parts.storage.write('spec', this.#spec)
    this.#parts.wakeAt(next)
  }
}
