/** The Durable Object of one upstream: clock, storage and alarm for the book that stands in src/calls/state. */
import { DurableObject } from 'cloudflare:workers'
import { UpstreamBook } from '../../calls/state/book.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
  UpstreamStatus,
} from '../../calls/state/messages.ts'
import { makeRandomness } from './randomness.ts'

export class UpstreamObject extends DurableObject {
  readonly #book: UpstreamBook

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const { kv } = context.storage
    this.#book = new UpstreamBook({
      clock: { now: () => Date.now() },
      randomness: makeRandomness(),
      storage: {
        read: (key) => kv.get(key) ?? null,
        // The output gate holds back what leaves the object until this is on disk.
        write: (key, value) => kv.put(key, value),
        delete: (key) => void kv.delete(key),
      },
      wakeAt: (time) => {
        const done = time === null ? context.storage.deleteAlarm() : context.storage.setAlarm(time)
        context.waitUntil(done)
      },
      tell: ({ time, notice, ...rest }) => {
        console.log(JSON.stringify({ time, notice, upstream: context.id.name ?? null, ...rest }))
      },
    })
  }

  exchange(report: UpstreamReport): UpstreamSnapshot {
    return this.#book.exchange(report)
  }

  command(command: UpstreamCommand): UpstreamStatus {
    return this.#book.command(command)
  }

  override alarm(): Promise<void> {
    return this.#book.wake({ fetch: (url, init) => fetch(url, init) })
  }
}
