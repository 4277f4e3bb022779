/** The Durable Object of buckets: storage and clock for the book that stands in src/buckets. Plain values only. */
import { DurableObject } from 'cloudflare:workers'
import { BucketBook } from '../../buckets/ledger/book.ts'
import type { BucketCall, BucketChange, BucketReply, BucketView } from '../../buckets/messages.ts'
import type { BucketShape } from '../../buckets/shape.ts'
import { makeRandomness } from './randomness.ts'

export class BucketObject extends DurableObject {
  readonly #book: BucketBook

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const { kv } = context.storage
    this.#book = new BucketBook({
      storage: {
        read: (key) => kv.get(key) ?? null,
        // The output gate holds back what leaves the object until this is on disk.
        write: (key, value) => kv.put(key, value),
        delete: (key) => void kv.delete(key),
      },
      clock: { now: () => Date.now() },
      randomness: makeRandomness(),
    })
  }

  call(bucket: string, shape: BucketShape, message: BucketCall): BucketReply {
    return this.#book.call(bucket, shape, message)
  }

  look(bucket: string, shape: BucketShape): BucketView {
    return this.#book.look(bucket, shape)
  }

  change(bucket: string, shape: BucketShape, change: BucketChange): BucketView {
    return this.#book.change(bucket, shape, change)
  }
}
