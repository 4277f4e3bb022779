/** Lets work that waits for timers of a MemoryClock go on, with nothing that depends on how fast this machine is. */
import { createHash } from 'node:crypto'
import { vi } from 'vitest'
// Loaded on its first use otherwise, from the disk, at a time of its own.
import '../../src/identity/keys/stored.ts'
import type { MemoryClock } from '../../src/platform/memory/clock.ts'

/** Digests in the same turn: the real ones come from other threads, at a time of their own. */
export function digestAtOnce(): void {
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (_, data) => {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)
    return new Uint8Array(createHash('sha256').update(bytes).digest()).buffer
  })
}

// The longest chain of stream reads between two timers is about ten.
const TURNS = 40
const STEP_MS = 50
const MAX_STEPS = 1_200 // a minute: nothing in the gateway waits longer

/** Goes on until the promise settles, by as little time as its timers need. */
export async function untilDone<Value>(clock: MemoryClock, work: Promise<Value>): Promise<Value> {
  let isDone = false
  const note = () => {
    isDone = true
  }
  work.then(note, note)
  for (let step = 0; step < MAX_STEPS; step++) {
    for (let turn = 0; turn < TURNS && !isDone; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (isDone) return work
    await clock.advance(STEP_MS)
  }
  throw new Error('The work did not end within a minute of this clock.')
}
