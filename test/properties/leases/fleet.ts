/**
 * Isolates that ask as the gateway does, with promises: `takeAll` over objects whose network is slow, loses messages
 * or fails. For what only whole requests show: several limits at once, slots, and what stands in for a failed store.
 */
import { BucketBook } from '../../../src/buckets/ledger/book.ts'
import type { StoredLine } from '../../../src/buckets/ledger/lines.ts'
import { makeMemories } from '../../../src/platform/memories.ts'
import { MemoryClock } from '../../../src/platform/memory/clock.ts'
import type { BucketObjects, Ports } from '../../../src/platform/ports.ts'
import { makeRandom } from '../../doubles/tables.ts'
import { makeExchange } from '../../exchange.ts'

export interface FleetTrouble {
  readonly maxDelayMs: number
  readonly callLoss: number
  readonly replyLoss: number
  readonly faults: number
  readonly overload: number
}

export const noTrouble: FleetTrouble = {
  maxDelayMs: 150,
  callLoss: 0,
  replyLoss: 0,
  faults: 0,
  overload: 0,
}

export class Fleet {
  readonly clock = new MemoryClock(1_000_000)
  readonly random: () => number
  trouble: FleetTrouble
  readonly #stored = new Map<string, Map<string, StoredLine>>()
  readonly #books = new Map<string, BucketBook>()
  #made = 0

  constructor(seed: number, trouble: FleetTrouble = noTrouble) {
    this.random = makeRandom(seed)
    this.trouble = trouble
  }

  /** The ports of one isolate; what it remembers lives as long as they do. */
  isolate(): Ports {
    const name = String(++this.#made)
    const { ports } = makeExchange({ memories: makeMemories(), buckets: this.#objects() })
    const randomness = {
      hex: (bytes: number) => name.padStart(2 * bytes, '0'),
      fraction: this.random,
    }
    return { ...ports, clock: this.clock, timers: this.clock, randomness }
  }

  /** All objects begin anew from their storage. */
  restart(): void {
    this.#books.clear()
  }

  #objects(): BucketObjects {
    return {
      call: async (place, shape, message) => {
        const { callLoss, replyLoss, faults, overload } = this.trouble
        await this.#travel()
        if (this.random() < callLoss) return new Promise(() => {})
        if (this.random() < faults) throw new Error('the object cannot be reached')
        if (this.random() < overload) return { kind: 'overloaded' }
        const reply = this.#book(place.object).call(place.bucket, shape, structuredClone(message))
        if (this.random() < replyLoss) return new Promise(() => {})
        await this.#travel()
        return reply
      },
      look: async (place, shape) => this.#book(place.object).look(place.bucket, shape),
      change: async (place, shape, change) =>
        this.#book(place.object).change(place.bucket, shape, change),
    }
  }

  async #travel(): Promise<void> {
    await this.clock.after(1 + Math.floor(this.random() * this.trouble.maxDelayMs)).done
  }

  #book(object: string): BucketBook {
    const known = this.#books.get(object)
    if (known !== undefined) return known
    const stored = this.#stored.get(object) ?? new Map<string, StoredLine>()
    this.#stored.set(object, stored)
    const life = `life-${++this.#made}`
    const book = new BucketBook({
      clock: this.clock,
      randomness: { hex: () => life, fraction: this.random },
      storage: {
        list: () => [...stored],
        write: (key, line) => void stored.set(key, structuredClone(line)),
        delete: (key) => void stored.delete(key),
      },
    })
    this.#books.set(object, book)
    return book
  }
}
