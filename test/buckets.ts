/** Isolates that take from buckets: ports over objects in memory and a clock that is set; each request has its own. */
import type { Admission, Claim } from '../src/buckets/claims.ts'
import type { BucketCall, BucketReply } from '../src/buckets/messages.ts'
import type { BucketShape } from '../src/buckets/shape.ts'
import { takeAll } from '../src/buckets/take.ts'
import { makeMemories } from '../src/platform/memories.ts'
import { MemoryBucketObjects } from '../src/platform/memory/bucket-objects.ts'
import { MemoryClock } from '../src/platform/memory/clock.ts'
import type { BucketObjects, Ports } from '../src/platform/ports.ts'

export function makeClaim(shape: BucketShape, given: Partial<Claim> = {}): Claim {
  return {
    label: 'rate-limit-1',
    place: { policy: 'route:users/rate-limit-1', object: 'users', bucket: '', location: null },
    shape,
    cost: 1,
    storeTimeoutMs: 1_000,
    onStoreFault: 'deny',
    ...given,
  }
}

/** One isolate; several share `objects` and `clock`. */
export class TestIsolate {
  readonly clock: MemoryClock
  readonly objects: MemoryBucketObjects
  /** Work that requests deferred. */
  readonly deferred: Promise<unknown>[] = []
  readonly #memories = makeMemories()
  readonly #id: string

  constructor(
    id: string,
    clock = new MemoryClock(1_000_000),
    objects = new MemoryBucketObjects(clock),
  ) {
    this.#id = id
    this.clock = clock
    this.objects = objects
  }

  /** The ports of a new request. `buckets` stands in for its way to the objects. */
  request(buckets: BucketObjects = this.objects): Ports {
    const reject = () => Promise.reject(new Error('not in this test'))
    return {
      clock: this.clock,
      timers: this.clock,
      memories: this.#memories,
      randomness: { hex: () => this.#id, fraction: () => 0.5 },
      buckets,
      defer: (work: Promise<unknown>) => void this.deferred.push(work.catch(() => {})),
      network: { send: reject, sendTo: reject },
    } as unknown as Ports
  }

  take(claims: readonly Claim[], buckets?: BucketObjects): Admission | Promise<Admission> {
    return takeAll(claims, this.request(buckets))
  }

  /** The same, with the clock going on until it is decided. */
  async taken(claims: readonly Claim[], buckets?: BucketObjects): Promise<Admission> {
    return this.clock.until(Promise.resolve(this.take(claims, buckets)))
  }
}

/** Objects whose calls the test answers by hand. */
export class ManualObjects implements BucketObjects {
  readonly sent: BucketCall[] = []
  readonly #answers: ((reply: BucketReply | Error) => void)[] = []

  call(_place: Claim['place'], _shape: BucketShape, message: BucketCall): Promise<BucketReply> {
    this.sent.push(message)
    return new Promise((resolve, reject) => {
      this.#answers.push((reply) => (reply instanceof Error ? reject(reply) : resolve(reply)))
    })
  }

  /** Answers the call of this index. */
  answer(index: number, reply: BucketReply | Error): void {
    this.#answers[index]?.(reply)
  }

  look(): never {
    throw new Error('not in this test')
  }

  change(): never {
    throw new Error('not in this test')
  }
}
