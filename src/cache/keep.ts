/** Puts answers into the stores, after their clients have them: late, best effort, and bounded. */
import type { AnswerHead } from './answer.ts'
import type { Landed } from './flights.ts'
import { encodingOf } from './frame.ts'
import type { CacheParts, CacheRequest } from './parts.ts'
import type { Kept } from './split-body.ts'

/** What is handed to those who wait, and held in memory for it: the most that fills carry. */
export const SMALL_BYTES = 1_048_576

// KV takes a minute to reach the world: what lives no longer would never be found there.
export const LEAST_GLOBAL_SECONDS = 60
// The largest value of KV, less a frame.
const MOST_GLOBAL_BYTES = 25 * 1_048_576 - 65_536

export interface Keeping {
  readonly slot: string
  readonly head: AnswerHead
  readonly keepSeconds: number
  readonly freshSeconds: number
}

/** Stores the answer in its tiers. */
export async function keep(
  kept: Kept,
  { slot, head, keepSeconds, freshSeconds }: Keeping,
  { exchange, shared }: CacheRequest,
  { tiers }: CacheParts,
): Promise<void> {
  if (kept.kind === 'broken') return
  const { answers } = exchange.ports
  const isGlobal = tiers !== 'edge' && shared && freshSeconds >= LEAST_GLOBAL_SECONDS
  if (kept.kind === 'stream') {
    const { stream } = kept
    // A second branch would hold what the first has not read: of large bodies there is one copy.
    if (tiers !== 'global') await answers.edge.put(slot, { head, body: stream }, keepSeconds)
    else if (isGlobal && fitsGlobal(head)) {
      await answers.global.put(slot, { head, body: stream }, keepSeconds)
    } else await stream.cancel()
    return
  }
  const body = kept.bytes
  await Promise.all([
    tiers === 'global' ? null : answers.edge.put(slot, { head, body }, keepSeconds),
    isGlobal ? answers.global.put(slot, { head, body }, keepSeconds) : null,
  ])
}

function fitsGlobal({ length }: AnswerHead): boolean {
  return length === null || length <= MOST_GLOBAL_BYTES
}

/** What followers get of it. */
export function landingOf(kept: Kept, head: AnswerHead): Landed {
  return kept.kind === 'bytes' ? { kind: 'answer', head, bytes: kept.bytes } : { kind: 'alone' }
}

/** With the length that the body turned out to have. */
export function measured(head: AnswerHead, kept: Kept): AnswerHead {
  // Of an encoded body the runtime gives other bytes than it sends.
  if (kept.kind !== 'bytes' || encodingOf(head) !== null) return head
  return { ...head, length: kept.bytes?.byteLength ?? 0 }
}
