/** Waits until the gateway answers with a table: listening is not yet serving. */

const PATIENCE_MS = 15_000 // A table of 10,000 routes compiles in well under one second.
const PAUSE_MS = 25

export interface Health {
  readonly status: string
  readonly problems: readonly { readonly pointer: string; readonly code: string }[]
}

/** The health of the gateway at this URL, as soon as it serves; null when it does not in time. */
export async function waitUntilServing(url: string): Promise<Health | null> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/_gateway/health`).catch(() => null)
    if (answer?.status === 200) return (await answer.json()) as Health
    await answer?.body?.cancel()
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return null
}
