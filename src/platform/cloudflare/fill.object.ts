/** The Durable Object in which fills meet: timers and tokens for the book that stands in src/cache. Nothing is on disk. */
import { DurableObject } from 'cloudflare:workers'
import { FillBook, type FillReply, type LandedAnswer } from '../../cache/fill-book.ts'
import { runtimeTimers } from '../timers.ts'
import { makeRandomness } from './randomness.ts'

export class FillObject extends DurableObject {
  readonly #book: FillBook

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const randomness = makeRandomness()
    this.#book = new FillBook({ timers: runtimeTimers, makeToken: () => randomness.hex(8) })
  }

  begin(key: string, waitMs: number): Promise<FillReply> {
    return this.#book.begin(key, waitMs)
  }

  land(key: string, token: string, answer: LandedAnswer | null, handMs?: number): void {
    this.#book.land(key, token, answer, handMs)
  }

  forget(key: string): void {
    this.#book.forget(key)
  }
}
