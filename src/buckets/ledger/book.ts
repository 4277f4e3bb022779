/**
 * The buckets that live in one object: one for a verified key, many in a shard. Stored keys: `rate:<bucket>`,
 * `quota:<bucket>`, `slots:<bucket>` hold what lines.ts says, `overflow:<kind>` the bucket that new keys share while
 * there is no room, `shared` the line of rates that have none of their own. A bucket at rest has no key. What is returned may leave only when what was written is durable.
 */
import type { Clock, Randomness } from '../../platform/ports.ts'
import type { BucketCall, BucketChange, BucketReply, BucketView } from '../messages.ts'
import type { BucketShape } from '../shape.ts'
import { CLOCK_WAITED_OUT_MS } from '../units.ts'
import type { Line, StoredLine } from './lines.ts'
import { callLedger, type Ledger, openLedger, reshapeLedger, restsByItself } from './open-ledger.ts'
import { SharedLine } from './shared-line.ts'

/** The object's own storage: a write holds back whatever leaves the object until it is durable. */
export interface BookStorage {
  /** All that is stored; asked for once, at the start. */
  list(): Iterable<readonly [string, StoredLine]>
  write(key: string, line: StoredLine): void
  delete(key: string): void
}

export interface BookParts {
  readonly storage: BookStorage
  readonly clock: Clock
  readonly randomness: Randomness
}

// In use one takes 1.3 kB with one isolate: 13 MB of the 128 that an isolate has, which several objects may share.
const MAX_BUCKETS = 10_000
// How many are looked at to find one at rest, before a new key has to share.
const LOOKED_AT = 64
// A bucket that nobody called for so long is written exactly.
const TIDY_AFTER_MS = 2_000

const SHARED_KEY = 'shared'

function keyOf(bucket: string, { kind }: BucketShape): string {
  return `${kind}:${bucket}`
}

function overflowOf({ kind }: BucketShape): string {
  return `overflow:${kind}`
}

export class BucketBook {
  readonly #storage: BookStorage
  readonly #clock: Clock
  readonly #incarnation: string
  readonly #startedAt: number
  /** Buckets of this life. */
  readonly #open = new Map<string, Ledger>()
  /** What is stored of the buckets that nobody asked for in this life, or for a while: a third of the memory. */
  readonly #asleep = new Map<string, Line>()
  readonly #stored = new Set<string>()
  readonly #sharedLine: SharedLine
  /** Buckets whose line is not exact → when they were called last; the longest ago first. */
  readonly #untidy = new Map<string, number>()
  #opened = 0
  #lastNow: number

  constructor({ storage, clock, randomness }: BookParts) {
    this.#storage = storage
    this.#clock = clock
    this.#incarnation = randomness.hex(8)
    this.#lastNow = clock.now()
    this.#startedAt = this.#lastNow
    let sharedAt: number | null = null
    for (const [key, line] of storage.list()) {
      if (line.kind === 'shared') {
        sharedAt = line.at
        continue
      }
      this.#asleep.set(key, line)
      this.#stored.add(key)
    }
    this.#sharedLine = new SharedLine(sharedAt)
  }

  call(bucket: string, shape: BucketShape, message: BucketCall): BucketReply {
    const now = this.#now()
    const [key, ledger] = this.#find(bucket, shape, now)
    const reply = callLedger(ledger, shape, message, now)
    this.#write(key, ledger)
    if (ledger.isAhead) {
      this.#untidy.delete(key)
      this.#untidy.set(key, now)
    }
    return reply
  }

  look(bucket: string, shape: BucketShape): BucketView {
    const now = this.#now()
    // Looking makes no bucket: one that is not there is full.
    const ledger = this.#known(keyOf(bucket, shape), shape, now) ?? this.#shared(shape, now)
    if (ledger === undefined) return this.#fresh(shape, now).look(now)
    reshapeLedger(ledger, shape, now)
    return ledger.look(now)
  }

  change(bucket: string, shape: BucketShape, change: BucketChange): BucketView {
    const now = this.#now()
    const [key, ledger] = this.#find(bucket, shape, now)
    reshapeLedger(ledger, shape, now)
    ledger.change(change, now)
    this.#write(key, ledger)
    return ledger.look(now)
  }

  /** How many things are stored. */
  get stored(): number {
    return this.#stored.size + (this.#sharedLine.isStored ? 1 : 0)
  }

  /** How many buckets are held in memory, the shared ones included. */
  get size(): number {
    return this.#open.size + this.#asleep.size
  }

  /** The bucket as this life of the object has it; undefined where nobody asked for it yet. */
  ledgerOf(bucket: string, shape: BucketShape): Ledger | undefined {
    return this.#open.get(keyOf(bucket, shape))
  }

  /** When `wake` has something to do; Infinity for never. For a timer: it need not outlive the object's memory. */
  nextWake(): number {
    for (const calledAt of this.#untidy.values()) return calledAt + TIDY_AFTER_MS
    return Number.POSITIVE_INFINITY
  }

  /** Writes exactly what nobody called for a while, so that sleep loses nothing. */
  wake(): void {
    const now = this.#now()
    for (const [key, calledAt] of this.#untidy) {
      if (calledAt + TIDY_AFTER_MS > now) return
      this.#untidy.delete(key)
      const ledger = this.#open.get(key)
      if (ledger === undefined) continue
      ledger.tidy(now)
      this.#write(key, ledger)
    }
  }

  /** When the next stored bucket will rest, if nobody calls; Infinity where nothing is stored. For an alarm. */
  nextRest(): number {
    const now = this.#now()
    let next = this.#sharedLine.restsAt()
    for (const key of this.#stored) {
      const ledger = this.#open.get(key)
      const line = this.#asleep.get(key)
      if (ledger !== undefined) next = Math.min(next, ledger.restsAt(now))
      else if (line !== undefined) next = Math.min(next, restsByItself(line, this.#startedAt))
    }
    return Math.max(now, next)
  }

  /** Forgets all buckets at rest, in memory and in storage, and keeps of the idle ones what is stored. */
  sweep(): void {
    const now = this.#now()
    for (const [key, ledger] of this.#open) {
      const line = ledger.asleep(now)
      if (ledger.rests(now)) this.#forget(key)
      else if (line !== null) {
        this.#open.delete(key)
        this.#asleep.set(key, line)
      }
    }
    for (const [key, line] of this.#asleep) {
      if (restsByItself(line, this.#startedAt) <= now) this.#forget(key)
    }
    if (this.#sharedLine.restsAt() > now) return
    this.#sharedLine.forget()
    this.#storage.delete(SHARED_KEY)
  }

  /** The object's time. A step back is waited out, a long one carried over to all that is counted by it. */
  #now(): number {
    const reading = this.#clock.now()
    const step = reading - this.#lastNow
    if (step >= 0) this.#lastNow = reading
    else if (-step > CLOCK_WAITED_OUT_MS) {
      this.#lastNow = reading
      for (const ledger of this.#open.values()) ledger.shift(step)
      for (const [key, calledAt] of this.#untidy) this.#untidy.set(key, calledAt + step)
    }
    return this.#lastNow
  }

  #find(bucket: string, shape: BucketShape, now: number): readonly [string, Ledger] {
    const key = keyOf(bucket, shape)
    const known = this.#known(key, shape, now)
    if (known !== undefined) return [key, known]
    const shared = this.#shared(shape, now)
    if (shared !== undefined) return [overflowOf(shape), shared]
    const place = this.size < MAX_BUCKETS || this.#makeRoom(now) ? key : overflowOf(shape)
    const ledger = this.#fresh(shape, now)
    this.#open.set(place, ledger)
    return [place, ledger]
  }

  /**
   * The bucket that new keys share, while it is in use: all of them together have one limit, so none has more than
   * its own. Until it rests no new key gets a bucket of its own, which would forget what the key spent here.
   */
  #shared(shape: BucketShape, now: number): Ledger | undefined {
    const ledger = this.#known(overflowOf(shape), shape, now)
    return ledger === undefined || ledger.rests(now) ? undefined : ledger
  }

  #known(key: string, shape: BucketShape, now: number): Ledger | undefined {
    const open = this.#open.get(key)
    if (open !== undefined) return open
    const line = this.#asleep.get(key)
    if (line === undefined) return undefined
    this.#asleep.delete(key)
    const ledger = openLedger({
      shape,
      line,
      now,
      incarnation: this.#name(),
      shared: this.#sharedLine,
    })
    this.#open.set(key, ledger)
    return ledger
  }

  #fresh(shape: BucketShape, now: number): Ledger {
    return openLedger({
      shape,
      line: null,
      now,
      incarnation: this.#name(),
      shared: this.#sharedLine,
    })
  }

  #name(): string {
    this.#opened += 1
    return `${this.#incarnation}-${this.#opened}`
  }

  /** Looks at a few buckets, in turn, for one at rest. */
  #makeRoom(now: number): boolean {
    // An iterator that is kept would keep alive whatever the map has held since: those looked at go to the end.
    let looked = 0
    for (const [key, ledger] of this.#open) {
      if (ledger.rests(now)) {
        this.#forget(key)
        return true
      }
      if (++looked === LOOKED_AT) break
      this.#open.delete(key)
      this.#open.set(key, ledger)
    }
    for (const [key, line] of this.#asleep) {
      if (restsByItself(line, this.#startedAt) <= now) {
        this.#forget(key)
        return true
      }
      if (++looked >= 2 * LOOKED_AT) break
      this.#asleep.delete(key)
      this.#asleep.set(key, line)
    }
    return false
  }

  #write(key: string, ledger: Ledger): void {
    const sharedAt = this.#sharedLine.takeUnwritten()
    if (sharedAt !== null) this.#storage.write(SHARED_KEY, { kind: 'shared', at: sharedAt })
    const line = ledger.takeLine()
    if (line === null) return
    this.#storage.write(key, line)
    this.#stored.add(key)
  }

  #forget(key: string): void {
    this.#open.delete(key)
    this.#asleep.delete(key)
    this.#untidy.delete(key)
    if (this.#stored.delete(key)) this.#storage.delete(key)
  }
}
