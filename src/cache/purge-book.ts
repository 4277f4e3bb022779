/**
 * The owner's side of purges: gives numbers, keeps the list, and copies it to KV, from which isolates read it. KV takes
 * one write a second for a key: purges that come faster go into one copy.
 */
import type { Purge } from './answer.ts'
import { noPurgeList, type PurgeList, purgesKey, withPurge } from './purge-core.ts'

export interface PurgeBookParts {
  readonly storage: { read(): PurgeList | null; write(list: PurgeList): void }
  readonly documents: {
    put(key: string, text: string, metadata: { readonly version: string }): Promise<void>
  }
  readonly clock: { now(): number }
  readonly timers: { after(ms: number): { readonly done: Promise<void> } }
  /** The least time between two writes to KV. */
  readonly writeEveryMs: number
  /** Asks to be woken at a time, also after a restart. */
  wakeAt(time: number): void
}

export interface PurgeReply {
  readonly generation: number
  /** Whether the copy in KV has it. If not the book goes on trying. */
  readonly isPublished: boolean
}

const RETRY_MS = 5_000

export class PurgeBook {
  readonly #parts: PurgeBookParts
  #list: PurgeList | null = null
  /** The copy that is yet to be begun: whoever comes before that is in it. */
  #next: Promise<boolean> | null = null
  #last: Promise<unknown> = Promise.resolve()
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor(parts: PurgeBookParts) {
    this.#parts = parts
  }

  async add(purge: Purge): Promise<PurgeReply> {
    const { clock, storage } = this.#parts
    const list = withPurge(this.#known(), purge, clock.now())
    this.#list = list
    storage.write(list)
    return { generation: list.generation, isPublished: await this.#publish() }
  }

  /** The time that was asked for has come: a copy that failed is made again. */
  async wake(): Promise<void> {
    await this.#publish()
  }

  #known(): PurgeList {
    this.#list ??= this.#parts.storage.read() ?? noPurgeList
    return this.#list
  }

  #publish(): Promise<boolean> {
    if (this.#next === null) {
      this.#next = this.#last.then(() => this.#copy())
      this.#last = this.#next
    }
    return this.#next
  }

  async #copy(): Promise<boolean> {
    const { clock, timers, documents, writeEveryMs, wakeAt } = this.#parts
    const waitMs = Math.min(writeEveryMs, this.#writtenAt + writeEveryMs - clock.now())
    if (waitMs > 0) await timers.after(waitMs).done
    this.#next = null
    const list = this.#known()
    try {
      await documents.put(purgesKey, JSON.stringify(list), { version: String(list.generation) })
      this.#writtenAt = clock.now()
      return true
    } catch {
      this.#writtenAt = clock.now()
      wakeAt(clock.now() + RETRY_MS)
      return false
    }
  }
}
