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

interface Counts {
  readonly isolate: string
  policies: Map<string, TopKeys>
  /** Milliseconds since 1970. */
  nextAt: number
}

const MEMORY = 'limits:counts'

/** Counts one request of a key. */
export function countKey(
  { policy, shown }: BucketPlace,
  isRefused: boolean,
  ports: Pick<Ports, 'memories' | 'randomness' | 'clock'>,
): void {
  if (shown === undefined) return
  const { policies } = countsOf(ports)
  let top = policies.get(policy)
  if (top === undefined) {
    if (policies.size >= MAX_POLICIES) return
    top = new TopKeys(KEYS_PER_POLICY)
    policies.set(policy, top)
  }
  top.add(shown, isRefused)
}

/** Tells the tally when it is time to. Call it once the answer is there. */
export function tellWhenDue(ports: Ports): void {
  const now = ports.clock.now()
  const counts = ports.memories.of<Counts>(MEMORY, 1).get('', now)
  if (counts === undefined) return
  // A clock that was set back may not silence an isolate for longer than the longest pause.
  const waitMs = counts.nextAt - now
  if (waitMs > 0 && waitMs <= MOST_PAUSE_MS * (1 + SPREAD)) return
  ports.defer(tell(counts, ports))
}

/** Tells the tally now: an operator asks. Never rejects. */
export async function tellNow(ports: Ports): Promise<void> {
  await tell(countsOf(ports), ports)
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

function countsOf({
  memories,
  randomness,
  clock,
}: Pick<Ports, 'memories' | 'randomness' | 'clock'>): Counts {
  const memory = memories.of<Counts>(MEMORY, 1)
  const now = clock.now()
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
