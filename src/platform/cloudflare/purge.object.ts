/** The one Durable Object that numbers purges: storage, KV and an alarm for the book that stands in src/cache. */
import { DurableObject } from 'cloudflare:workers'
import type { Purge } from '../../cache/answer.ts'
import { PurgeBook, type PurgeReply } from '../../cache/purge-book.ts'
import type { PurgeList } from '../../cache/purge-core.ts'
import { runtimeTimers } from '../timers.ts'
import { bindDocuments } from './documents.ts'
import { readHost } from './host.ts'

const LIST_KEY = 'purges'

// KV takes one write a second for a key; a tenth more, since its clock is not ours. One machine has no such limit.
const WRITE_EVERY_MS = 1_100

export interface PurgeObjectBindings {
  readonly KV: KVNamespace
}

export class PurgeObject extends DurableObject<PurgeObjectBindings> {
  readonly #book: PurgeBook

  constructor(context: DurableObjectState, env: PurgeObjectBindings) {
    super(context, env)
    const { kv } = context.storage
    this.#book = new PurgeBook({
      storage: {
        read: () => kv.get<PurgeList>(LIST_KEY) ?? null,
        // The output gate holds back what leaves the object until this is on disk.
        write: (list) => kv.put(LIST_KEY, list),
      },
      documents: bindDocuments(env.KV),
      clock: { now: () => Date.now() },
      timers: runtimeTimers,
      writeEveryMs: readHost(env) === 'machine' ? 0 : WRITE_EVERY_MS,
      wakeAt: (time) => context.waitUntil(context.storage.setAlarm(time)),
    })
  }

  add(purge: Purge): Promise<PurgeReply> {
    return this.#book.add(purge)
  }

  override alarm(): Promise<void> {
    return this.#book.wake()
  }
}
