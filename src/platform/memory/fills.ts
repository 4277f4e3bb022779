/** Where fills meet, in memory: a real book, and the trouble that a test sets. */
import type { Fills, FillTurn, StoredAnswer } from '../../cache/answer.ts'
import { FillBook } from '../../cache/fill-book.ts'
import { readLanded } from '../../cache/land.ts'
import type { Timers } from '../ports.ts'

export class MemoryFills implements Fills {
  /** `away`: nobody is answered. */
  fault: 'none' | 'away' = 'none'
  /** Every call, as `begin <key>`, `land <key>` or `forget <key>`. */
  readonly calls: string[] = []
  readonly #book: FillBook
  #count = 0

  constructor({ timers }: { readonly timers: Timers }) {
    this.#book = new FillBook({ timers, makeToken: () => `fill-${++this.#count}` })
  }

  async begin(key: string, waitMs: number): Promise<FillTurn> {
    this.calls.push(`begin ${key}`)
    if (this.fault === 'away') return { kind: 'alone' }
    const reply = await this.#book.begin(key, waitMs)
    if (reply.kind !== 'follow') return reply
    // What goes over the wire is a copy.
    const { head, bytes } = structuredClone(reply.answer)
    return { kind: 'follow', answer: { head, body: bytes } }
  }

  async land(
    key: string,
    token: string,
    answer: StoredAnswer | null,
    handMs?: number,
  ): Promise<void> {
    this.calls.push(`land ${key}`)
    const landed = answer === null ? null : await readLanded(answer)
    if (this.fault === 'none') this.#book.land(key, token, landed, handMs)
  }

  async forget(key: string): Promise<void> {
    this.calls.push(`forget ${key}`)
    if (this.fault === 'none') this.#book.forget(key)
  }
}
