/** The objects of buckets in memory: real books on storage that survives a restart, and the trouble that a test sets. */
import { BucketBook } from '../../buckets/ledger/book.ts'
import type { StoredLine } from '../../buckets/ledger/lines.ts'
import type { BucketCall, BucketChange, BucketReply, BucketView } from '../../buckets/messages.ts'
import type { BucketPlace, BucketShape } from '../../buckets/shape.ts'
import type { BucketObjects, Clock, Timers } from '../ports.ts'

/** What happens to calls. Lost ones are never answered; of a lost reply the object has done its part. */
export type Trouble = 'none' | 'call-lost' | 'reply-lost' | 'fault' | 'overloaded'

interface LivingObject {
  readonly stored: Map<string, StoredLine>
  book: BucketBook
}

export class MemoryBucketObjects implements BucketObjects {
  /** How long a message is on its way, in each direction. */
  delayMs = 0
  trouble: Trouble = 'none'
  /** Messages that isolates sent, in order, those without answer too. */
  readonly sent: BucketCall[] = []
  readonly #clock: Clock & Timers
  readonly #objects = new Map<string, LivingObject>()
  #lives = 0

  constructor(clock: Clock & Timers) {
    this.#clock = clock
  }

  async call(place: BucketPlace, shape: BucketShape, message: BucketCall): Promise<BucketReply> {
    this.sent.push(message)
    const { trouble } = this
    await this.#travel()
    if (trouble === 'fault') throw new Error('the object cannot be reached')
    if (trouble === 'call-lost') return new Promise(() => {})
    if (trouble === 'overloaded') return { kind: 'overloaded' }
    // What goes over the wire is a copy, and plain.
    const reply = this.#open(place).call(place.bucket, shape, structuredClone(message))
    if (trouble === 'reply-lost') return new Promise(() => {})
    await this.#travel()
    return structuredClone(reply)
  }

  async look(place: BucketPlace, shape: BucketShape): Promise<BucketView> {
    await this.#travel()
    this.#throwIfAway()
    return this.#open(place).look(place.bucket, shape)
  }

  async change(place: BucketPlace, shape: BucketShape, change: BucketChange): Promise<BucketView> {
    await this.#travel()
    this.#throwIfAway()
    return this.#open(place).change(place.bucket, shape, change)
  }

  /** All objects begin anew with what they have stored. */
  restart(): void {
    for (const object of this.#objects.values()) object.book = this.#begin(object.stored)
  }

  #open({ object: name }: BucketPlace): BucketBook {
    let object = this.#objects.get(name)
    if (object === undefined) {
      const stored = new Map<string, StoredLine>()
      object = { stored, book: this.#begin(stored) }
      this.#objects.set(name, object)
    }
    const { book } = object
    // The object's timer rang in the meantime.
    if (book.nextWake() <= this.#clock.now()) book.wake()
    return book
  }

  #begin(stored: Map<string, StoredLine>): BucketBook {
    this.#lives += 1
    const life = this.#lives
    return new BucketBook({
      clock: this.#clock,
      randomness: { hex: (bytes) => String(life).padStart(2 * bytes, '0'), fraction: () => 0.5 },
      storage: {
        list: () => [...stored],
        write: (key, value) => void stored.set(key, structuredClone(value)),
        delete: (key) => void stored.delete(key),
      },
    })
  }

  async #travel(): Promise<void> {
    if (this.delayMs > 0) await this.#clock.after(this.delayMs).done
  }

  #throwIfAway(): void {
    if (this.trouble !== 'none') throw new Error('the object cannot be reached')
  }
}
