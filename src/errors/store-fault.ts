/** Bounds the time of what is asked of KV: that it failed, and that it did not answer, are one fault to who asks. */
import type { Timers } from '../platform/ports.ts'

/** KV failed, or did not answer in time. */
export class StoreFault extends Error {}

// Across an ocean a call takes 0.3 s: what is not there by then does not come.
const CALL_TIMEOUT_MS = 5_000

/** What the store gives; rejects with a StoreFault. */
export async function askStore<Value>(work: Promise<Value>, timers: Timers): Promise<Value> {
  const alarm = timers.after(CALL_TIMEOUT_MS)
  try {
    return await Promise.race([
      work.catch((cause: unknown) => {
        throw new StoreFault('KV failed', { cause })
      }),
      alarm.done.then(() => {
        throw new StoreFault('KV did not answer')
      }),
    ])
  } finally {
    alarm.cancel()
  }
}
