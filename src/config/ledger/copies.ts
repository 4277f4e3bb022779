/** The owner's way to KV: everything is bounded, and a write that KV puts off is tried again for a while. */
import type {
  Clock,
  DocumentLook,
  Documents,
  Metadata,
  StoredDocument,
  Timers,
} from '../../platform/ports.ts'

// KV takes one write a second per key: a PUT right after another gets through within the next second.
const WRITE_FOR_MS = 3_000
const WRITE_AGAIN_MS = 400
const READ_FOR_MS = 2_000

export type Missed = 'unavailable'

export class TableCopies {
  readonly #documents: Documents
  readonly #clock: Clock
  readonly #timers: Timers

  constructor(parts: { documents: Documents; clock: Clock; timers: Timers }) {
    this.#documents = parts.documents
    this.#clock = parts.clock
    this.#timers = parts.timers
  }

  look(key: string, versions: readonly string[]): Promise<DocumentLook | Missed> {
    return this.#within(READ_FOR_MS, () => this.#documents.getIfChanged(key, versions))
  }

  get(key: string): Promise<StoredDocument | null | Missed> {
    return this.#within(READ_FOR_MS, () => this.#documents.get(key))
  }

  /** The time at which the writes of one change give up. */
  deadline(): number {
    return this.#clock.now() + WRITE_FOR_MS
  }

  /** Whether the text was written. After false it is still possible that KV takes it later. */
  async put(
    key: string,
    text: string,
    metadata: Metadata,
    until = this.deadline(),
  ): Promise<boolean> {
    // At most eight rounds: the deadline is 3 s away and each round takes at least 400 ms.
    for (;;) {
      const leftMs = until - this.#clock.now()
      if (leftMs <= 0) return false
      const put = async () => {
        await this.#documents.put(key, text, metadata)
        return true
      }
      if ((await this.#within(leftMs, put)) === true) return true
      await this.#timers.after(WRITE_AGAIN_MS).done
    }
  }

  /** Whether the key is gone. */
  async delete(key: string): Promise<boolean> {
    const remove = async () => {
      await this.#documents.delete(key)
      return true
    }
    return (await this.#within(READ_FOR_MS, remove)) === true
  }

  async #within<Value>(ms: number, work: () => Promise<Value>): Promise<Value | Missed> {
    const alarm = this.#timers.after(ms)
    const late = alarm.done.then(() => 'unavailable' as const)
    try {
      return await Promise.race([work(), late])
    } catch {
      return 'unavailable'
    } finally {
      alarm.cancel()
    }
  }
}
