/** Ends what a test file started, whether its tests passed or not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const cleanups: (() => Promise<void> | void)[] = []

/** Notes what is to be ended after the test file, in the opposite order. */
export function atEnd(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup)
}

// Registered while the test file is loaded, so that it runs after the file's own hooks have failed, too.
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isogate-'))
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const PATIENCE_MS = 10_000 // Far above what anything here takes, also on a busy machine.
const PAUSE_MS = 10

/** Asks until there is an answer that is not undefined. */
export async function until<Value>(
  ask: () => Promise<Value | undefined> | Value | undefined,
  patienceMs = PATIENCE_MS,
  pauseMs = PAUSE_MS,
): Promise<Value> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`Nothing came within ${patienceMs} ms: ${ask}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
