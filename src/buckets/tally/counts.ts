/**
 * Counts which keys an isolate sees, for operators, and tells it the tally now and then. A request adds a number; what
 * it tells goes out after its answer, and is lost where the tally cannot be reached: nothing depends on it.
 */
import type { Ports } from '../../platform/ports.ts'
import type { BucketPlace } from '../shape.ts'
import { TopKeys } from '../top.ts'
import type { TallyReport } from './messages.ts'

// A counter takes some 200 bytes: 2 MB of an isolate. Of more policies the first ones met in a turn are counted.
const MAX_POLICIES = 128
const KEYS_PER_POLICY = 64

// One call in ten seconds is one in 1,000 requests of an isolate that refuses 100 a second.
export const LEAST_PAUSE_MS = 10_000
export const MOST_PAUSE_MS = 60_000
// The first keys are told soon, so that an operator who looks sees something.
const FIRST_PAUSE_MS = 1_000
// Isolates that began together shall not come together for ever.
const SPREAD = 0.1
// Across an ocean 0.3 s.
const CALL_TIMEOUT_MS = 5_000

export interface Counts {
  readonly isolate: string
  policies: Map<string, TopKeys>
  /** Milliseconds since 1970. */
  nextAt: number
}

const MEMORY = 'limits:counts'

/** Counts one request of a key. */
export function countKey(
  { policies }: Counts,
  { policy, shown }: BucketPlace,
  isRefused: boolean,
): void {
  if (shown === undefined) return
  let top = policies.get(policy)
  if (top === undefined) {
    if (policies.size >= MAX_POLICIES) return
    top = new TopKeys(KEYS_PER_POLICY)
    policies.set(policy, top)
  }
  top.add(shown, isRefused)
}

/** Tells the tally when it is time to. Call it once the answer is there. */
export function tellWhenDue(counts: Counts, ports: Ports, now: number): void {
  if (counts.policies.size === 0) return
  // A clock that was set back may not silence an isolate for longer than the longest pause.
  const waitMs = counts.nextAt - now
  if (waitMs > 0 && waitMs <= MOST_PAUSE_MS * (1 + SPREAD)) return
  ports.defer(tell(counts, ports))
}

/** Tells the tally now: an operator asks. Never rejects. */
export async function tellNow(ports: Ports): Promise<void> {
  await tell(countsOf(ports, ports.clock.now()), ports)
}

async function tell(counts: Counts, { tallies, timers, clock, randomness }: Ports): Promise<void> {
  const report = take(counts)
  // Before the call, so that no other request of the isolate leads a second one.
  counts.nextAt = clock.now() + LEAST_PAUSE_MS
  if (report.policies.length === 0) return
  const alarm = timers.after(CALL_TIMEOUT_MS)
  let nextMs = MOST_PAUSE_MS
  try {
    const answer = await Promise.race([tallies.report(report), alarm.done])
    if (answer !== undefined) nextMs = answer.nextMs
  } catch {
    // Asked again after the longest pause.
  } finally {
    alarm.cancel()
  }
  const pauseMs = Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, nextMs))
  counts.nextAt = clock.now() + pauseMs * (1 + SPREAD * randomness.fraction())
}

function take(counts: Counts): TallyReport {
  const policies = [...counts.policies].map(([policy, top]) => [policy, top.summary()] as const)
  counts.policies = new Map()
  return { isolate: counts.isolate, policies }
}

/** What the isolate counts. */
export function countsOf(
  { memories, randomness }: Pick<Ports, 'memories' | 'randomness'>,
  now: number,
): Counts {
  const memory = memories.of<Counts>(MEMORY, 1)
  const known = memory.get('', now)
  if (known !== undefined) return known
  const counts = {
    isolate: randomness.hex(8),
    policies: new Map<string, TopKeys>(),
    nextAt: now + FIRST_PAUSE_MS,
  }
  memory.set('', counts, Number.POSITIVE_INFINITY)
  return counts
}
