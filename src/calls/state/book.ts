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

type AnyPart = FleetPart<unknown, unknown, unknown, unknown, unknown, unknown>
type PartTable = Readonly<Record<string, unknown>>

/** The time between two reports of an isolate while all is well (DESIGN.md, State). */
export const REPORT_EVERY_MS = 5_000

const FORGET_ISOLATE_MS = 60_000
const MAX_ISOLATES = 10_000
const MAX_NOTICES = 20

/** Work that takes longer is as good as dead: no watch of a source lasts so long. */
const WORK_LIMIT_MS = 300_000
/** After work that broke, which is a bug, the part is left alone for so long. */
const REST_MS = 60_000

interface Run {
  /** Until when no other work of the part begins. */
  until: number
  readonly done: Promise<void>
}

export class UpstreamBook {
  readonly #parts: UpstreamBookParts
  readonly #fleet: Readonly<Record<string, AnyPart>>
  readonly #states = new Map<string, unknown>()
  /** What was kept last, as JSON. */
  readonly #kept = new Map<string, string>()
  readonly #isolates = new Map<string, { seq: number; at: number }>()
  #notices: TimedNotice[]
  readonly #runs = new Map<string, Run>()
  #spec: UpstreamSpec
  /** As JSON, as written. */
  #keptSpec = ''
  #wakeAt: number | null = null

  /** `fleet` is given by tests alone. */
  constructor(parts: UpstreamBookParts, fleet: Readonly<Record<string, unknown>> = fleetParts) {
    this.#parts = parts
    this.#fleet = fleet as Readonly<Record<string, AnyPart>>
    const { storage } = parts
    this.#notices = (storage.read('notices') as TimedNotice[] | null) ?? []
    this.#spec = (storage.read('spec') as UpstreamSpec | null) ?? {}
    this.#keptSpec = JSON.stringify(this.#spec)
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
    if (change.kind !== 'look') this.#spec = spec
    const shown: Record<string, unknown> = {}
    for (const [name, part, context] of this.#asked(spec, now)) {
      this.#change(name, part, change, context)
      if (part.show !== undefined) shown[name] = part.show(this.#state(name, part, now), context)
    }
    this.#forget(now)
    if (change.kind !== 'look') this.#plan(now)
    return { shown, notices: this.#notices, isolates: this.#isolates.size }
  }

  /** The same as `exchange`, for isolates that cannot go on without what is just about to be learnt. */
  ask(report: UpstreamReport, io: WakeIo): UpstreamSnapshot | Promise<UpstreamSnapshot> {
    const snapshot = this.exchange(report)
    const now = this.#parts.clock.now()
    const awaited: string[] = []
    for (const [name, part, context] of this.#asked(report.spec, now)) {
      const word = (report.words as PartTable)[name] ?? null
      if (part.isAwaited?.(this.#state(name, part, now), word, context)) awaited.push(name)
    }
    return awaited.length === 0 ? snapshot : this.#learn(awaited, report, { snapshot, io })
  }

  /** The time has come that `wakeAt` was given. Resolves when all work that runs is done. */
  async wake(io: WakeIo): Promise<void> {
    const now = this.#parts.clock.now()
    this.#wakeAt = null
    for (const [name, part, context] of this.#asked(this.#spec, now)) {
      const state = this.#state(name, part, now)
      const at = part.wakeAt?.(state, context) ?? null
      if (at === null || at > now) continue
      if (part.wake !== undefined) this.#settle(name, part, part.wake(state, context))
      if (!this.#isRunning(name, now)) this.#begin(name, part, context, io)
    }
    this.#plan(now)
    await Promise.all([...this.#runs.values()].map(({ done }) => done))
  }

  async #learn(
    awaited: readonly string[],
    report: UpstreamReport,
    { snapshot, io }: { readonly snapshot: UpstreamSnapshot; readonly io: WakeIo },
  ): Promise<UpstreamSnapshot> {
    const now = this.#parts.clock.now()
    for (const [name, part, context] of this.#asked(report.spec, now)) {
      if (awaited.includes(name) && !this.#isRunning(name, now)) {
        this.#begin(name, part, context, io)
      }
    }
    await Promise.all(awaited.map((name) => this.#runs.get(name)?.done))
    const only = (table: PartTable) =>
      Object.fromEntries(Object.entries(table).filter(([name]) => awaited.includes(name)))
    // What the others said was taken in before.
    const again = { ...report, seq: 0, tally: null, words: only(report.words) }
    const { views } = this.exchange(again)
    return { ...snapshot, views: { ...snapshot.views, ...only(views) } }
  }

  #begin(name: string, part: AnyPart, context: PartContext<unknown>, io: WakeIo): void {
    const { work } = part
    if (work === undefined) return
    const state = this.#state(name, part, context.now)
    const finish = (news: unknown) => {
      // The guard gave it up, and other work runs.
      if (this.#runs.get(name) !== run) return
      this.#runs.delete(name)
      const now = this.#parts.clock.now()
      const absorbed = part.absorb?.(this.#state(name, part, now), news, this.#fresh(context, now))
      if (absorbed !== undefined) this.#settle(name, part, absorbed)
      this.#plan(now)
    }
    const rest = () => {
      run.until = this.#parts.clock.now() + REST_MS
    }
    const run: Run = {
      until: context.now + WORK_LIMIT_MS,
      done: work.call(part, state, context, io).then(finish).catch(rest),
    }
    this.#runs.set(name, run)
  }

  #isRunning(name: string, now: number): boolean {
    const run = this.#runs.get(name)
    return run !== undefined && now < run.until
  }

  #change(
    name: string,
    part: AnyPart,
    change: UpstreamCommand['change'],
    context: PartContext<unknown>,
  ): void {
    const state = this.#state(name, part, context.now)
    switch (change.kind) {
      case 'look':
        return
      case 'force':
      case 'reset':
        if (part.command !== undefined)
          this.#settle(name, part, part.command(state, change, context))
        return
      case 'register':
      case 'deregister':
        if (part.register !== undefined)
          this.#settle(name, part, part.register(state, change, context))
    }
  }

  *#asked(spec: UpstreamSpec, now: number): Iterable<[string, AnyPart, PartContext<unknown>]> {
    for (const [name, part] of Object.entries(this.#fleet)) {
      const options: unknown = (spec as PartTable)[name]
      if (options === undefined) continue
      yield [name, part, this.#fresh({ options }, now)]
    }
  }

  #fresh({ options }: Pick<PartContext<unknown>, 'options'>, now: number): PartContext<unknown> {
    const { randomness } = this.#parts
    return { options, now, fraction: randomness.fraction(), nonce: randomness.hex(8) }
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
    const changes = timed.filter(({ detail }) => detail === undefined)
    if (changes.length === 0) return
    this.#notices = [...changes.toReversed(), ...this.#notices].slice(0, MAX_NOTICES)
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
      const due = part.wakeAt?.(this.#state(name, part, now), context) ?? null
      // What runs is looked after when it should be over: the object may lose it in a restart.
      const run = this.#runs.get(name)
      const at = due !== null && run !== undefined ? Math.max(due, run.until) : due
      if (at !== null && (next === null || at < next)) next = at
    }
    if (next === this.#wakeAt) return
    this.#wakeAt = next
    if (next !== null) this.#keepSpec()
    this.#parts.wakeAt(next)
  }

  /** An object that wakes has to know for what. */
  #keepSpec(): void {
    const text = JSON.stringify(this.#spec)
    if (text === this.#keptSpec) return
    this.#keptSpec = text
    this.#parts.storage.write('spec', this.#spec)
  }
}
