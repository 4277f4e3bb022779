/** The buckets that live in one object: one for a verified key, many in a shard. Written ahead, so that a restart grants nothing twice. */
import type { Clock, Randomness } from '../../platform/ports.ts'
import type { BucketCall, BucketChange, BucketReply, BucketView } from '../messages.ts'
import type { BucketShape } from '../shape.ts'

/** The object's own storage: a write holds back whatever leaves the object until it is durable. */
export interface BookStorage {
  read(key: string): unknown
  write(key: string, value: unknown): void
  delete(key: string): void
}

export interface BookParts {
  readonly storage: BookStorage
  readonly clock: Clock
  readonly randomness: Randomness
}

export class BucketBook {
  constructor(_parts: BookParts) {}

  call(_bucket: string, _shape: BucketShape, _message: BucketCall): BucketReply {
    return { kind: 'overloaded' }
  }

  look(_bucket: string, _shape: BucketShape): BucketView {
    throw new Error('not built')
  }

  change(_bucket: string, _shape: BucketShape, _change: BucketChange): BucketView {
    throw new Error('not built')
  }
}
