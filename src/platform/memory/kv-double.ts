/**
 * A double of Workers KV that shows what the real one does: each location sees a write after its own delay, a
 * miss is remembered, a key takes one write a second, and calls can fail or hang.
 */
import type {
  Clock,
  DocumentPage,
  Documents,
  Keeping,
  Metadata,
  PageChoice,
  StoredDocument,
} from '../ports.ts'
import { compare, isOver, pageOf } from './documents.ts'

const MISS_MS = 30_000
const WRITE_EVERY_MS = 1_000

export interface KvDoubleOptions {
  readonly clock: Clock
  /** The longest time until a location sees a write; 90 s is a bad day of the real one. */
  readonly maxDelayMs?: number
  /** Decides the delays: the same seed shows the same ones. */
  readonly seed?: number
}

export type KvFault = 'none' | 'throws' | 'hangs'
export type KvOperation = 'read' | 'put' | 'delete' | 'list'

interface Write {
  readonly document: StoredDocument | null
  /** When it ends by itself; null never. */
  readonly until: number | null
  readonly at: number
  readonly location: string
}

export class KvDouble {
  /** Asked before each call: what goes wrong with it. */
  fault: (operation: KvOperation, key: string, location: string) => KvFault = () => 'none'
  /** How often a text was copied to a reader. */
  copies = 0
  reads = 0
  readonly #clock: Clock
  readonly #maxDelayMs: number
  readonly #seed: number
  readonly #writes = new Map<string, Write[]>()
  readonly #misses = new Map<string, number>()

  constructor({ clock, maxDelayMs = 90_000, seed = 1 }: KvDoubleOptions) {
    this.#clock = clock
    this.#maxDelayMs = maxDelayMs
    this.#seed = seed
  }

  /** KV as one location sees it. */
  at(location: string): Documents & {
    put(key: string, text: string, metadata: Metadata | null, keeping?: Keeping): Promise<void>
  } {
    return {
      get: async (key) => this.#copied(await this.#read(key, location)),
      getIfChanged: async (key, versions) => {
        const look = compare(await this.#read(key, location), versions)
        if (look.kind === 'read') this.copies++
        return look
      },
      metadata: async (key) => (await this.#read(key, location))?.metadata ?? null,
      put: (key, text, metadata, { until } = { until: null }) => {
        const document = { text, metadata: structuredClone(metadata) }
        return this.#write('put', key, location, { document, until })
      },
      list: (prefix, choice) => this.#list(prefix, choice, location),
      delete: (key) => this.#write('delete', key, location, { document: null, until: null }),
    }
  }

  async #read(key: string, location: string): Promise<StoredDocument | null> {
    this.reads++
    await this.#fail('read', key, location)
    const now = this.#clock.now()
    const place = `${location} ${key}`
    if (now < (this.#misses.get(place) ?? Number.NEGATIVE_INFINITY)) return null
    const seen = this.#seen(key, location)
    if (seen === undefined) this.#misses.set(place, now + MISS_MS)
    return seen === undefined || isOver(seen.until, now) ? null : seen.document
  }

  #seen(key: string, location: string): Write | undefined {
    const now = this.#clock.now()
    const writes = this.#writes.get(key) ?? []
    return writes.findLast((write) => now >= write.at + this.#delayMs(key, write, location))
  }

  async #list(prefix: string, choice: PageChoice, location: string): Promise<DocumentPage> {
    await this.#fail('list', prefix, location)
    const now = this.#clock.now()
    const all = [...this.#writes.keys()].sort().flatMap((key) => {
      const seen = this.#seen(key, location)
      if (!seen?.document || isOver(seen.until, now)) return []
      return [{ key, metadata: seen.document.metadata }]
    })
    return pageOf(all, prefix, choice)
  }

  #copied(document: StoredDocument | null): StoredDocument | null {
    if (document !== null) this.copies++
    return document
  }

  async #write(
    operation: KvOperation,
    key: string,
    location: string,
    written: Pick<Write, 'document' | 'until'>,
  ): Promise<void> {
    await this.#fail(operation, key, location)
    const at = this.#clock.now()
    const writes = this.#writes.get(key) ?? []
    const last = writes.at(-1)
    if (last !== undefined && at - last.at < WRITE_EVERY_MS) {
      throw new Error('KV PUT failed: 429 Too Many Requests')
    }
    this.#writes.set(key, [...writes, { ...written, at, location }])
    this.#misses.delete(`${location} ${key}`)
  }

  async #fail(operation: KvOperation, key: string, location: string): Promise<void> {
    switch (this.fault(operation, key, location)) {
      case 'none':
        return
      case 'throws':
        throw new Error('KV failed: 503 Service Unavailable')
      case 'hangs':
        return new Promise(() => {})
    }
  }

  /** A write is seen at once where it was made. */
  #delayMs(key: string, write: Write, location: string): number {
    if (write.location === location) return 0
    return fractionOf(`${this.#seed} ${location} ${key} ${write.at}`) * this.#maxDelayMs
  }
}

/** A number from 0 to 1 that depends on the text alone (FNV-1a, then mixed so that near texts are far apart). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
