/** Waits until the gateway answers with a table: listening is not yet serving. */
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 15_000 // A table of 10,000 routes compiles in well under one second.
const PAUSE_MS = 25
// The event of our own question is written some milliseconds after its answer; it must not stand below the
// line that says ready.
const EVENT_MS = 60

export interface Health {
  readonly status: string
  readonly problems: readonly { readonly pointer: string; readonly code: string }[]
}

/** The health of the gateway at this URL, as soon as it serves; null when it does not in time. */
export async function waitUntilServing(url: string): Promise<Health | null> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/_gateway/health`).catch(() => null)
    if (answer?.status === 200) {
      const health = (await answer.json()) as Health
      await sleep(EVENT_MS)
      return health
    }
    await answer?.body?.cancel()
    await sleep(PAUSE_MS)
  }
  return null
}
