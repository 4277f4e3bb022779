/** Which plan a consumer has by its API keys: the plan of a key says more than that of the consumer. */
import { type KeyState, stateOf } from '../identity/keys/record.ts'
import { listKeys } from '../identity/keys/store.ts'
import type { AdminCall } from './call.ts'

const goodStates: ReadonlySet<KeyState> = new Set(['active', 'grace'])
const MAX_KEYS = 100 // More keys of one consumer are not met; older ones would not count.

/** A consumer may have keys of several plans: the newest that is not over counts, as far as one does. */
export async function planOfKeys(consumer: string, { ports }: AdminCall): Promise<string | null> {
  const now = ports.clock.now()
  const { records } = await listKeys({ consumer, cursor: null, limit: MAX_KEYS }, ports)
  const good = records.filter((record) => goodStates.has(stateOf(record, now)))
  return good.sort((a, b) => b.createdAt - a.createdAt)[0]?.plan ?? null
}
