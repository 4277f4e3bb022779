/**
 * Both tiers as one request has them. What an isolate takes out of them may have been purged while it slept or before it
 * began: where it has not heard of purges for too long it asks for them beside the store, not after it.
 */
import type { AnswerStore, Answers, StoredAnswer } from '../../cache/answer.ts'
import type { PurgeWatch, WatchPorts } from '../../cache/purge-watch.ts'
import type { Clock, Memories } from '../ports.ts'
import { edgeAnswers } from './edge-answers.ts'
import { bindGlobalAnswers } from './global-answers.ts'

export interface AnswerParts {
  readonly kv: KVNamespace
  readonly clock: Clock
  readonly memories: Memories
  readonly watch: PurgeWatch
  readonly watchPorts: () => WatchPorts
}

export function bindAnswers(parts: AnswerParts): Answers {
  return new WatchedAnswers(parts)
}

/** Classes, so that a hit makes no functions. */
class WatchedAnswers implements Answers {
  readonly #parts: AnswerParts

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  get edge(): AnswerStore {
    return new WatchedStore(edgeAnswers, this.#parts)
  }

  get global(): AnswerStore {
    return new WatchedStore(bindGlobalAnswers(this.#parts), this.#parts)
  }
}

class WatchedStore implements AnswerStore {
  readonly #store: AnswerStore
  readonly #parts: AnswerParts

  constructor(store: AnswerStore, parts: AnswerParts) {
    this.#store = store
    this.#parts = parts
  }

  get(key: string): ReturnType<AnswerStore['get']> {
    const { watch, watchPorts, clock } = this.#parts
    const sight = watch.sight(clock.now(), watchPorts)
    const getting = this.#store.get(key)
    return sight === 'sure' ? getting : trusted(getting, sight)
  }

  put(...given: Parameters<AnswerStore['put']>): ReturnType<AnswerStore['put']> {
    return this.#store.put(...given)
  }

  delete(key: string): Promise<void> {
    return this.#store.delete(key)
  }
}

/** An answer of which nobody can say whether it was purged is a fault: the service has a better one. */
async function trusted(
  getting: ReturnType<AnswerStore['get']>,
  sight: 'blind' | ReturnType<PurgeWatch['sight']>,
): Promise<StoredAnswer | 'absent' | 'fault'> {
  const [found, seen] = await Promise.all([getting, sight])
  if (seen === 'sure' || typeof found === 'string') return found
  if (found.body instanceof ReadableStream) await found.body.cancel().catch(() => {})
  return 'fault'
}
