/**
 * The bucket's object: the production book over a storage that outlives it, with a clock that may step. A restart
 * keeps the storage only; the instance before may go on for a while, but what it writes fails (it is fenced).
 */
import { type BookStorage, BucketBook } from '../../../src/buckets/ledger/book.ts'
import { LeaseLedger } from '../../../src/buckets/ledger/lease-ledger.ts'
import type { StoredLine } from '../../../src/buckets/ledger/lines.ts'
import type { BucketCall, BucketReply } from '../../../src/buckets/messages.ts'
import type { BucketShape } from '../../../src/buckets/shape.ts'
import type { EventHeap } from './heap.ts'

export class Fenced extends Error {}

/** How one rule of the object is broken, for the tests of the tests. */
export interface ObjectFault {
  readonly storage?: (storage: BookStorage, now: () => number) => BookStorage
  readonly hear?: (message: BucketCall) => BucketCall
  readonly book?: typeof BucketBook
}

interface Instance {
  readonly book: BucketBook
  /** Its machine's clock, from virtual time. */
  offset: number
  fenced: boolean
}

export class SimObject {
  readonly stored = new Map<string, StoredLine>()
  readonly #heap: EventHeap
  readonly #random: () => number
  readonly #fault: ObjectFault
  #judgedOffset: number
  #instances = 0
  #wakeAt = 0
  current: Instance
  old: Instance | null = null
  calls = 0
  writes = 0

  constructor(heap: EventHeap, random: () => number, startsAt: number, fault: ObjectFault = {}) {
    this.#heap = heap
    this.#random = random
    this.#fault = fault
    this.#judgedOffset = startsAt
    this.current = this.#start(startsAt)
  }

  /** What the object's clock says. */
  now(): number {
    return Math.floor(this.#heap.now + this.current.offset)
  }

  /** Time by which the bound is judged: the object's clock, its steps forward included and those back left out. */
  judgedNow(): number {
    return Math.floor(this.#heap.now + this.#judgedOffset)
  }

  /** Answers as the object would; throws `Fenced` where the answer never leaves it. */
  call(bucket: string, shape: BucketShape, message: BucketCall): BucketReply {
    this.calls++
    const reachesOld = this.old !== null && this.#random() < 0.5
    const instance = reachesOld && this.old !== null ? this.old : this.current
    const heard = this.#fault.hear?.(message) ?? message
    try {
      const reply = instance.book.call(bucket, shape, heard)
      if (instance === this.current) this.#planWake()
      return reply
    } catch (error) {
      // A write that fails ends the instance: nothing that it did since leaves it.
      if (error instanceof Fenced && instance === this.old) this.old = null
      throw error
    }
  }

  /** The clock of the machine jumps. */
  stepForward(byMs: number): void {
    this.current.offset += byMs
    this.#judgedOffset += byMs
  }

  /** Starts on another machine, whose clock is behind by `backMs`; the instance before keeps its own. */
  restart({ overlapMs, backMs }: { readonly overlapMs: number; readonly backMs: number }): void {
    const before = this.current
    before.fenced = true
    this.old = overlapMs > 0 ? before : null
    if (overlapMs > 0) {
      this.#heap.plan(this.#heap.now + overlapMs, () => {
        if (this.old === before) this.old = null
      })
    }
    this.current = this.#start(before.offset - backMs)
    this.#planWake()
  }

  #start(offset: number): Instance {
    const instance: Omit<Instance, 'book'> & { book?: BucketBook } = { offset, fenced: false }
    const fence = () => {
      if (instance.fenced) throw new Fenced('another instance owns the storage')
      this.writes++
    }
    const storage: BookStorage = {
      list: () => structuredClone([...this.stored]),
      write: (key, line) => {
        fence()
        this.stored.set(key, structuredClone(line))
      },
      delete: (key) => {
        fence()
        this.stored.delete(key)
      },
    }
    const name = `life-${++this.#instances}`
    const Book = this.#fault.book ?? BucketBook
    instance.book = new Book({
      storage: this.#fault.storage?.(storage, () => this.#heap.now) ?? storage,
      clock: { now: () => Math.floor(this.#heap.now + instance.offset) },
      randomness: { hex: () => name, fraction: () => this.#random() },
    })
    return instance as Instance
  }

  /** What the account of an isolate says that it holds; null where the reply it used was of another life. */
  outOf(
    bucket: string,
    shape: BucketShape,
    { isolate, incarnation }: { readonly isolate: string; readonly incarnation: string },
  ): number | null {
    const ledger = this.current.book.ledgerOf(bucket, shape)
    if (!(ledger instanceof LeaseLedger) || ledger.incarnation !== incarnation) return null
    return ledger.accounts.get(isolate)?.out ?? 0
  }

  #planWake(): void {
    const { current } = this
    if (this.#wakeAt > this.#heap.now) return
    const dueMs = current.book.nextWake() - this.now()
    if (dueMs === Number.POSITIVE_INFINITY) return
    this.#wakeAt = this.#heap.now + Math.max(1, dueMs)
    this.#heap.plan(this.#wakeAt, () => {
      if (this.current !== current) return
      current.book.wake()
      this.#planWake()
    })
  }
}
