/** The Durable Object of one upstream: clock, storage and alarm for the book that stands in src/calls/state. */
import { DurableObject } from 'cloudflare:workers'
import { UpstreamBook } from '../../calls/state/book.ts'
import type {
  UpstreamCommand,
  UpstreamReport,
  UpstreamSnapshot,
  UpstreamStatus,
} from '../../calls/state/messages.ts'
import type { WakeIo } from '../../calls/state/part.ts'
import { runtimeTimers } from '../timers.ts'
import { readEnvironment } from './environment.ts'
import { type Bindings, RuntimeNetwork } from './ports.ts'
import { makeRandomness } from './randomness.ts'

export class UpstreamObject extends DurableObject {
  readonly #book: UpstreamBook
  readonly #io: WakeIo

  constructor(context: DurableObjectState, env: object) {
    super(context, env)
    const { kv } = context.storage
    const bindings = env as Bindings
    this.#io = {
      network: new RuntimeNetwork(bindings),
      environment: readEnvironment(bindings),
      timers: runtimeTimers,
    }
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
        const { storage } = context
        // A part that never ran is due since 1970, which the runtime refuses.
        const due = time === null ? null : Math.max(time, Date.now())
        context.waitUntil(due === null ? storage.deleteAlarm() : storage.setAlarm(due))
      },
      tell: ({ time, notice, ...rest }) => {
        console.log(JSON.stringify({ time, notice, upstream: context.id.name ?? null, ...rest }))
      },
    })
  }

  exchange(report: UpstreamReport): UpstreamSnapshot | Promise<UpstreamSnapshot> {
    return this.#book.ask(report, this.#io)
  }

  command(command: UpstreamCommand): UpstreamStatus {
    return this.#book.command(command)
  }

  override alarm(): void {
    // Not awaited: a watch lasts for half a minute, and alarms that come meanwhile would wait for it.
    this.ctx.waitUntil(this.#book.wake(this.#io))
  }
}
