/** Stores of answers in memory, with a settable clock: they can be slow, faulty, or refuse what they are given. */
import type { AnswerHead, AnswerStore, Answers, StoredAnswer } from '../../cache/answer.ts'
import type { Clock, Timers } from '../ports.ts'

interface Entry {
  readonly head: AnswerHead
  readonly bytes: ArrayBuffer | null
  readonly until: number
}

export interface MemoryAnswerParts {
  readonly clock: Clock
  readonly timers: Timers
}

export class MemoryAnswerStore implements AnswerStore {
  /** Milliseconds that every call takes. */
  delayMs = 0
  /** `away`: reads and writes fail. `full`: writes are refused. */
  fault: 'none' | 'away' | 'full' = 'none'
  /** Every call, as `get <key>`, `put <key>` or `delete <key>`. */
  readonly calls: string[] = []
  readonly #entries = new Map<string, Entry>()
  readonly #parts: MemoryAnswerParts

  constructor(parts: MemoryAnswerParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#entries.size
  }

  async get(key: string): Promise<StoredAnswer | 'absent' | 'fault'> {
    this.calls.push(`get ${key}`)
    await this.#pause()
    if (this.fault === 'away') return 'fault'
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.until <= this.#parts.clock.now()) return 'absent'
    const { head, bytes } = entry
    return { head: structuredClone(head), body: bytes === null ? null : new Response(bytes).body }
  }

  async put(
    key: string,
    { head, body }: StoredAnswer,
    keepSeconds: number,
  ): Promise<'stored' | 'refused' | 'fault'> {
    this.calls.push(`put ${key}`)
    await this.#pause()
    try {
      const bytes = body === null ? null : await new Response(body).arrayBuffer()
      if (this.fault === 'away') return 'fault'
      if (this.fault === 'full') return 'refused'
      const until = this.#parts.clock.now() + keepSeconds * 1000
      this.#entries.set(key, { head: structuredClone(head), bytes, until })
      return 'stored'
    } catch {
      // The body broke off: what is not whole is not kept.
      return 'fault'
    }
  }

  async delete(key: string): Promise<void> {
    this.calls.push(`delete ${key}`)
    await this.#pause()
    if (this.fault !== 'away') this.#entries.delete(key)
  }

  async #pause(): Promise<void> {
    if (this.delayMs > 0) await this.#parts.timers.after(this.delayMs).done
  }
}

/** Both tiers in memory. */
export class MemoryAnswers implements Answers {
  readonly edge: MemoryAnswerStore
  readonly global: MemoryAnswerStore

  constructor(parts: MemoryAnswerParts) {
    this.edge = new MemoryAnswerStore(parts)
    this.global = new MemoryAnswerStore(parts)
  }
}
