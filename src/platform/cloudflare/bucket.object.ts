/**
 * The Durable Object of buckets: storage, clock, one timer and one alarm for the book that stands in src/buckets.
 * Plain values only. Nothing here keeps the object awake: the timer is shorter than the ten seconds after which an
 * idle object sleeps anyway, and the alarm survives sleep.
 */
import { DurableObject } from 'cloudflare:workers'
import { BucketBook } from '../../buckets/ledger/book.ts'
import type { StoredLine } from '../../buckets/ledger/lines.ts'
import type { BucketCall, BucketChange, BucketReply, BucketView } from '../../buckets/messages.ts'
import type { BucketShape } from '../../buckets/shape.ts'
import { makeRandomness } from './randomness.ts'

// Each alarm is a write and a wake, and emptying the storage of a shard that is in use costs more than many calls:
// of what has come to rest in a minute, all goes at once.
const MIN_REST_MS = 60_000

export class BucketObject extends DurableObject {
  readonly #book: BucketBook
  #isTimed = false
  // An alarm that an earlier life set may be there as well: setting it again costs a write per life.
  #isAlarmSet = false

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const { kv } = context.storage
    this.#book = new BucketBook({
      storage: {
        list: () => kv.list<StoredLine>(),
        // The output gate holds back what leaves the object until this is on disk.
        write: (key, line) => kv.put(key, line),
        delete: (key) => void kv.delete(key),
      },
      clock: { now: () => Date.now() },
      randomness: makeRandomness(),
    })
  }

  call(bucket: string, shape: BucketShape, message: BucketCall): BucketReply {
    const reply = this.#book.call(bucket, shape, message)
    this.#lookAhead()
    return reply
  }

  look(bucket: string, shape: BucketShape): BucketView {
    return this.#book.look(bucket, shape)
  }

  change(bucket: string, shape: BucketShape, change: BucketChange): BucketView {
    const view = this.#book.change(bucket, shape, change)
    this.#lookAhead()
    return view
  }

  override async alarm(): Promise<void> {
    this.#book.sweep()
    const next = this.#book.nextRest()
    this.#isAlarmSet = next !== Number.POSITIVE_INFINITY
    // Without storage an object costs nothing.
    if (!this.#isAlarmSet) await this.ctx.storage.deleteAll()
    else await this.ctx.storage.setAlarm(Math.max(next, Date.now() + MIN_REST_MS))
  }

  #lookAhead(): void {
    if (!this.#isTimed) this.#setTimer()
    if (this.#isAlarmSet || this.#book.stored === 0) return
    this.#isAlarmSet = true
    // Not awaited: it is held by the same gate as the line that it is for.
    void this.ctx.storage.setAlarm(Math.max(this.#book.nextRest(), Date.now() + MIN_REST_MS))
  }

  /** One timer, set again when it rings: not one for each call. */
  #setTimer(): void {
    const next = this.#book.nextWake()
    if (next === Number.POSITIVE_INFINITY) return
    this.#isTimed = true
    setTimeout(
      () => {
        this.#isTimed = false
        this.#book.wake()
        this.#setTimer()
      },
      Math.max(1, next - Date.now()),
    )
  }
}
