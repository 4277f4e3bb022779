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
  return {
    edge: watched(edgeAnswers, parts),
    get global() {
      return watched(bindGlobalAnswers(parts), parts)
    },
  }
}

function watched(store: AnswerStore, { watch, watchPorts, clock }: AnswerParts): AnswerStore {
  return {
    get(key) {
      const sight = watch.sight(clock.now(), watchPorts)
      if (sight === 'sure') return store.get(key)
      return trusted(store.get(key), sight)
    },
    put: store.put,
    delete: store.delete,
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
