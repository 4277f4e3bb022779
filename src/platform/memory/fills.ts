/** One leader per key, in memory: for tests of those who fill a cache together. */
import type { AnswerHead, Fills, FillTurn, StoredAnswer } from '../../cache/answer.ts'
import type { Timers } from '../ports.ts'

/** What followers are handed has at most so many bytes. */
const MAX_SHARED_BYTES = 1_048_576

type Landed = { readonly head: AnswerHead; readonly bytes: ArrayBuffer | null } | null

interface Fill {
  readonly token: string
  readonly landed: Promise<Landed>
  readonly settle: (landed: Landed) => void
}

export class MemoryFills implements Fills {
  readonly #timers: Timers
  readonly #fills = new Map<string, Fill>()
  #count = 0

  constructor({ timers }: { readonly timers: Timers }) {
    this.#timers = timers
  }

  async begin(key: string, waitMs: number): Promise<FillTurn> {
    const fill = this.#fills.get(key)
    if (fill === undefined) return this.#lead(key)
    const alarm = this.#timers.after(waitMs)
    const landed = await Promise.race([fill.landed, alarm.done])
    alarm.cancel()
    if (landed === undefined || landed === null) {
      // A leader that hangs leads no longer: the next one that comes may.
      if (landed === undefined && this.#fills.get(key) === fill) this.#fills.delete(key)
      return { kind: 'alone' }
    }
    const { head, bytes } = landed
    return { kind: 'follow', answer: { head: structuredClone(head), body: bytes } }
  }

  async land(key: string, token: string, answer: StoredAnswer | null): Promise<void> {
    const fill = this.#fills.get(key)
    if (fill?.token !== token) return
    const landed = answer === null ? null : await readAnswer(answer)
    this.#fills.delete(key)
    fill.settle(landed)
  }

  #lead(key: string): FillTurn {
    const { promise, resolve } = Promise.withResolvers<Landed>()
    this.#count += 1
    const token = `fill-${this.#count}`
    this.#fills.set(key, { token, landed: promise, settle: resolve })
    return { kind: 'lead', token }
  }
}

async function readAnswer({ head, body }: StoredAnswer): Promise<Landed> {
  const bytes = body === null ? null : await new Response(body).arrayBuffer()
  return bytes !== null && bytes.byteLength > MAX_SHARED_BYTES ? null : { head, bytes }
}
