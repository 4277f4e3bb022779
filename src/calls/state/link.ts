/**
 * One isolate's link to the object of one upstream: counts outcomes, decides when to tell them, holds what the
 * fleet knows. It outlives requests and tables (ports.memories), and holds plain data only. No call waits for it
 * but those that ask for a probe.
 */
import type { Ports } from '../../platform/ports.ts'
import type { LocalOf, UpstreamReport, UpstreamSnapshot, UpstreamSpec } from './messages.ts'
import type { LinkPart } from './part.ts'
import { linkParts, type PartName } from './parts.ts'
import { Counter, type Outcome, type UpstreamTally } from './tally.ts'

export type LinkPorts = Pick<Ports, 'clock' | 'randomness' | 'timers' | 'upstreams' | 'defer'>

export type Locals = { readonly [Name in PartName]: LocalOf<Name> }

type AnyLinkPart = LinkPart<unknown, unknown, unknown, unknown>
type ByName = Readonly<Record<string, unknown>>

const parts = Object.entries(linkParts) as unknown as readonly (readonly [string, AnyLinkPart])[]

/** While all is well, an isolate that has requests reports so often (DESIGN.md, State). */
const REPORT_EVERY_MS = 5_000

// A burst: so many failures that were not told. One alone is told with the next report, or an upstream that fails
// once in a hundred times would double the calls to its object.
const BURST = 3
/** Bursts are told at most so often: an upstream that goes on failing is not news every time. */
const BURST_EVERY_MS = 1_000

// Across an ocean 0.3 s; an object that takes longer than this is as good as gone.
const REPORT_TIMEOUT_MS = 5_000

/** What could not be told for so long says nothing of the upstream as it is now. */
const STALE_MS = 30_000

interface Batch {
  readonly seq: number
  readonly tally: UpstreamTally
  readonly at: number
}

export class UpstreamLink {
  readonly locals: Locals
  readonly #name: string
  readonly #isolate: string
  readonly #counter = new Counter()
  #seq = 0
  /** Told, and not known to have arrived: told again under the same number. */
  #batch: Batch | null = null
  #flyingSince: number | null = null
  #toldAt: number | null = null
  #nextMs = REPORT_EVERY_MS
  #isUrgent = false
  #suspectedAt: number | null = null

  constructor(name: string, isolate: string) {
    this.#name = name
    this.#isolate = isolate
    const locals: Record<string, unknown> = {}
    for (const [part, link] of parts) locals[part] = link.start()
    this.locals = locals as Locals
  }

  /** Changes when the breaker opens: what began before then is no news afterwards. */
  get epoch(): number {
    return this.locals.breaker.openings
  }

  /** A call begins. The first of an isolate asks what the fleet knows; it does not wait for it. */
  begin(ports: LinkPorts, spec: UpstreamSpec): void {
    // Before the answer, against decision 1: an isolate that knows nothing may not wait for an upstream that hangs.
    if (this.#toldAt === null) ports.defer(this.exchange(ports, spec))
  }

  /** A call to the upstream, and a try of it beyond the first: for the budget of retries. */
  countRequest(): void {
    this.#counter.countRequest()
  }

  countRetry(): void {
    this.#counter.countRetry()
  }

  /** A try is over: it is counted, and told when it is time. */
  record(ports: LinkPorts, spec: UpstreamSpec, outcome: Outcome): void {
    this.#counter.count(outcome)
    const now = ports.clock.now()
    for (const [name, part] of parts) {
      const options = (spec as ByName)[name]
      if (options === undefined || part.learn === undefined) continue
      const fraction = () => ports.randomness.fraction()
      const local = (this.locals as ByName)[name]
      if (part.learn(local, outcome, { options, now, fraction })) this.#isUrgent = true
      if (part.suspects?.(local)) this.#suspect(now)
    }
    this.refresh(ports, spec)
  }

  /** At once, however little ago a burst was told: what is enough to judge by may be there within a second. */
  #suspect(now: number): void {
    const ageMs = this.#suspectedAt === null ? Number.POSITIVE_INFINITY : now - this.#suspectedAt
    if (ageMs >= 0 && ageMs < BURST_EVERY_MS) return
    this.#suspectedAt = now
    this.#isUrgent = true
  }

  /** Tells what there is, and hears what is new, if it is time. */
  refresh(ports: LinkPorts, spec: UpstreamSpec): void {
    if (this.#isDue(ports.clock.now())) ports.defer(this.exchange(ports, spec))
  }

  /** There is news that the object has to hear now. */
  tell(ports: LinkPorts, spec: UpstreamSpec): void {
    ports.defer(this.exchange(ports, spec))
  }

  /** One message and its answer; true where there was one in time. Never rejects. */
  async exchange(
    ports: LinkPorts,
    spec: UpstreamSpec,
    timeoutMs = REPORT_TIMEOUT_MS,
  ): Promise<boolean> {
    const isHeard = await this.#exchangeOnce(ports, spec, timeoutMs)
    // Something became urgent while a report was under way, and no request may come after this one.
    if (isHeard && this.#isUrgent && !this.#isFlying(ports.clock.now())) {
      await this.#exchangeOnce(ports, spec, timeoutMs)
    }
    return isHeard
  }

  async #exchangeOnce(ports: LinkPorts, spec: UpstreamSpec, timeoutMs: number): Promise<boolean> {
    const sentAt = ports.clock.now()
    const batch = this.#isFlying(sentAt) ? null : this.#takeOff(sentAt)
    const words = this.#say(spec, sentAt)
    const report: UpstreamReport = {
      isolate: this.#isolate,
      seq: batch?.seq ?? 0,
      spec,
      tally: batch?.tally ?? null,
      words,
    }
    const snapshot = await this.#ask(ports, report, timeoutMs)
    if (this.#flyingSince === sentAt) this.#flyingSince = null
    const now = ports.clock.now()
    if (snapshot === null) {
      this.#miss(spec, words, now)
      return false
    }
    if (batch !== null && this.#batch === batch) this.#batch = null
    this.#nextMs = snapshot.nextMs
    for (const [name, part] of parts) {
      const view = (snapshot.views as ByName)[name]
      const options = (spec as ByName)[name]
      if (view === undefined || options === undefined) continue
      part.hear((this.locals as ByName)[name], view, { options, sentAt, now })
    }
    return true
  }

  /** Null where the object did not answer in time. */
  async #ask(
    { upstreams, timers }: LinkPorts,
    report: UpstreamReport,
    timeoutMs: number,
  ): Promise<UpstreamSnapshot | null> {
    const alarm = timers.after(timeoutMs)
    try {
      return await Promise.race([
        upstreams.exchange(this.#name, report),
        alarm.done.then(() => null),
      ])
    } catch {
      return null
    } finally {
      alarm.cancel()
    }
  }

  /** What a report carries; null for nothing. One is under way at a time, so that they arrive in order. */
  #takeOff(now: number): Batch | null {
    this.#flyingSince = now
    this.#toldAt = now
    this.#isUrgent = false
    const told = this.#batch
    if (told !== null && now - told.at < STALE_MS) return told
    if (this.#counter.isEmpty) return null
    this.#seq += 1
    this.#batch = { seq: this.#seq, tally: this.#counter.take(), at: now }
    return this.#batch
  }

  #say(spec: UpstreamSpec, now: number): UpstreamReport['words'] {
    const words: Record<string, unknown> = {}
    for (const [name, part] of parts) {
      if ((spec as ByName)[name] === undefined) continue
      const word = part.say((this.locals as ByName)[name], now)
      if (word !== null) words[name] = word
    }
    return words
  }

  #miss(spec: UpstreamSpec, words: UpstreamReport['words'], now: number): void {
    for (const [name, part] of parts) {
      if ((spec as ByName)[name] === undefined) continue
      const local = (this.locals as ByName)[name]
      const word = (words as ByName)[name]
      if (word !== undefined) part.unsay(local, word)
      part.missed?.(local, now)
    }
  }

  #isDue(now: number): boolean {
    if (this.#isFlying(now)) return false
    const ageMs = this.#toldAt === null ? Number.POSITIVE_INFINITY : now - this.#toldAt
    // A clock that was set back may not silence the isolate.
    if (this.#isUrgent || ageMs < 0 || ageMs >= this.#nextMs) return true
    return this.#counter.failed >= BURST && ageMs >= BURST_EVERY_MS
  }

  #isFlying(now: number): boolean {
    const since = this.#flyingSince
    // The request that carried a report may have ended: its promise then never settles.
    return since !== null && now >= since && now - since < 2 * REPORT_TIMEOUT_MS
  }
}
