/** The objects of idempotency keys in memory: real books on storage that survives a restart, and trouble at will. */
import {
  type BookLimits,
  IdempotencyBook,
  type KeyLine,
  type KeyStorage,
} from '../../idempotency/book.ts'
import type {
  BeginMessage,
  BeginReply,
  EndMessage,
  IdempotencyObjects,
  KeyPlace,
} from '../../idempotency/messages.ts'
import type { Clock } from '../ports.ts'

interface Row {
  readonly line: KeyLine
  readonly body: ArrayBuffer | null
}

export class MemoryIdempotencyObjects implements IdempotencyObjects {
  /** `silent`: calls are never answered. `reply-lost`: the object does its part, and nobody hears of it. */
  trouble: 'none' | 'fault' | 'silent' | 'reply-lost' | 'full' = 'none'
  readonly places: KeyPlace[] = []
  readonly ended: EndMessage[] = []
  renewed = 0
  readonly #clock: Clock
  readonly #limits: BookLimits | undefined
  readonly #objects = new Map<string, { readonly rows: Map<string, Row>; book: IdempotencyBook }>()

  constructor(clock: Clock, limits?: BookLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  async begin(place: KeyPlace, message: BeginMessage): Promise<BeginReply> {
    this.places.push(place)
    if (this.trouble === 'full') return { kind: 'full' }
    // What goes over the wire is a copy, and plain.
    return this.#call(() => this.#open(place).begin(place.entry, structuredClone(message)))
  }

  async renew(place: KeyPlace, token: string, leaseMs: number): Promise<boolean> {
    this.renewed += 1
    return this.#call(() => this.#open(place).renew(place.entry, token, leaseMs))
  }

  async end(place: KeyPlace, message: EndMessage): Promise<void> {
    return this.#call(() => {
      this.ended.push(structuredClone(message))
      this.#open(place).end(place.entry, structuredClone(message))
    })
  }

  /** All objects begin anew with what they have stored. */
  restart(): void {
    for (const object of this.#objects.values()) object.book = this.#begin(object.rows)
  }

  /** The alarm of each object: deletes what has expired. How many entries are left in all. */
  sweep(): number {
    let left = 0
    for (const { book, rows } of this.#objects.values()) {
      book.sweep()
      left += rows.size
    }
    return left
  }

  #call<Value>(call: () => Value): Value | Promise<Value> {
    const { trouble } = this
    if (trouble === 'fault') throw new Error('the object cannot be reached')
    if (trouble === 'silent') return new Promise(() => {})
    const value = structuredClone(call())
    return trouble === 'reply-lost' ? new Promise(() => {}) : value
  }

  #open({ object: name }: KeyPlace): IdempotencyBook {
    let object = this.#objects.get(name)
    if (object === undefined) {
      const rows = new Map<string, Row>()
      object = { rows, book: this.#begin(rows) }
      this.#objects.set(name, object)
    }
    return object.book
  }

  #begin(rows: Map<string, Row>): IdempotencyBook {
    return new IdempotencyBook({
      clock: this.#clock,
      storage: memoryKeyStorage(rows),
      ...(this.#limits === undefined ? {} : { limits: this.#limits }),
    })
  }
}

/** The table of an object in a map. */
export function memoryKeyStorage(rows: Map<string, Row> = new Map()): KeyStorage {
  return {
    read: (entry) => rows.get(entry)?.line ?? null,
    readBody: (entry) => rows.get(entry)?.body ?? null,
    write: (entry, line, body) => void rows.set(entry, structuredClone({ line, body })),
    delete: (entry) => void rows.delete(entry),
    sweep(now) {
      for (const [entry, { line }] of rows) if (line.expiresAt <= now) rows.delete(entry)
    },
    nextExpiry: () =>
      rows.size === 0 ? null : Math.min(...[...rows.values()].map(({ line }) => line.expiresAt)),
    size: () => ({
      entries: rows.size,
      bytes: [...rows.values()].reduce((sum, { body }) => sum + (body?.byteLength ?? 0), 0),
    }),
  }
}
