/**
 * `/_demo`: breaks a demo service on purpose, to see what the gateway makes of it.
 * `POST { "fail": 503, "delayMs": 2000, "rate": 0.5 }` · `GET` shows it · `DELETE` mends.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoAnswer } from './serve.ts'

interface Trouble {
  /** Answer with this status; 0 answers as usual. */
  readonly fail: number
  readonly delayMs: number
  /** Share of the requests that are struck, from 0 to 1. */
  readonly rate: number
}

const none: Trouble = { fail: 0, delayMs: 0, rate: 1 }

export class DemoSwitch {
  #trouble = none

  answer(method: string, body: unknown): DemoAnswer {
    if (method === 'DELETE') this.#trouble = none
    if (method === 'POST') {
      const { fail = 0, delayMs = 0, rate = 1 } = (body ?? {}) as Partial<Trouble>
      const sound =
        (fail === 0 || (Number.isInteger(fail) && fail >= 400 && fail <= 599)) &&
        delayMs >= 0 &&
        delayMs <= 60_000 &&
        rate >= 0 &&
        rate <= 1
      if (!sound) {
        const message = 'fail: 400 to 599, delayMs: 0 to 60000, rate: 0 to 1'
        return { status: 422, json: { error: 'invalid', message } }
      }
      this.#trouble = { fail, delayMs, rate }
    }
    return { json: this.#trouble }
  }

  /** Waits as long as it was told to; the failure to answer with, or null. */
  async strike(): Promise<DemoAnswer | null> {
    const { fail, delayMs, rate } = this.#trouble
    if (Math.random() >= rate) return null
    if (delayMs > 0) await sleep(delayMs)
    return fail === 0
      ? null
      : { status: fail, json: { error: 'demo', message: 'Broken on purpose.' } }
  }
}
