/**
 * Counts in an isolate who uses which version, and tells the object. A request adds a number; what is told goes out
 * after an answer, soon where a caller is new here and else twice a minute, and nothing depends on it. What an isolate
 * has not told when it ends is lost: of a caller at most what came after the first report.
 */
import type { Ports } from '../../platform/ports.ts'
import type { Use, UseCaller } from './messages.ts'

// A number by a text of some 100 bytes: 0.2 MB of an isolate. Others are counted together.
const MAX_KEYS = 1_000
const MAX_OTHERS = 500
// Whoever is forgotten here is told of again, at once.
const MAX_TOLD = 10_000

// A thousand isolates come 33 times a second: a thirtieth of what an object takes.
const PAUSE_MS = 30_000
/** Isolates that began together shall not come together for ever. */
const SPREAD = 0.1
// However many callers are new, an isolate comes once a second.
const SOON_MS = 1_000
// Across an ocean 0.3 s.
const CALL_TIMEOUT_MS = 5_000

const OTHERS: UseCaller = 'others'

export interface Uses {
  /** By `<route>\n<version>\n<caller>`: no name in a table has a line break. */
  counts: Map<string, number>
  /** The keys that the object knows of. */
  readonly told: Set<string>
  /** Whether a key is among `counts` that the object may not know. */
  hasNew: boolean
  /** Milliseconds since 1970. */
  toldAt: number
  nextAt: number
}

const MEMORY = 'versions:uses'

/** What the isolate has counted. */
export function usesOf({ memories }: Pick<Ports, 'memories'>, now: number): Uses {
  const memory = memories.of<Uses>(MEMORY, 1)
  const known = memory.get('', now)
  if (known !== undefined) return known
  const uses: Uses = {
    counts: new Map(),
    told: new Set(),
    hasNew: false,
    toldAt: Number.NEGATIVE_INFINITY,
    nextAt: now + PAUSE_MS,
  }
  memory.set('', uses, Number.POSITIVE_INFINITY)
  return uses
}

/** The part of the keys that is the same for all callers. */
export function usePrefix(route: string, version: string): string {
  return `${route}\n${version}\n`
}

/** Counts one request. */
export function countUse(uses: Uses, prefix: string, caller: UseCaller): void {
  const { counts } = uses
  let key = prefix + caller
  let count = counts.get(key)
  if (count === undefined && counts.size >= MAX_KEYS) {
    key = prefix + OTHERS
    count = counts.get(key)
    if (count === undefined && counts.size >= MAX_KEYS + MAX_OTHERS) return
  }
  if (count === undefined && !uses.told.has(key)) uses.hasNew = true
  counts.set(key, (count ?? 0) + 1)
}

/** Tells the object when it is time to. Call it once the answer is there. */
export function tellUsesWhenDue(uses: Uses, ports: Ports, now: number): void {
  if (uses.counts.size === 0) return
  const sinceMs = now - uses.toldAt
  const isSoon = uses.hasNew && (sinceMs >= SOON_MS || sinceMs < 0)
  const waitMs = uses.nextAt - now
  // A clock that was set back may not silence an isolate for longer than a pause.
  const isDue = waitMs <= 0 || waitMs > PAUSE_MS * (1 + SPREAD)
  if (isSoon || isDue) ports.defer(tell(uses, ports))
}

/** Tells the object now: an operator asks. Never rejects. */
export async function tellUsesNow(ports: Ports): Promise<void> {
  await tell(usesOf(ports, ports.clock.now()), ports)
}

async function tell(uses: Uses, ports: Ports): Promise<void> {
  const { versionUses, timers, clock, randomness } = ports
  const { counts } = uses
  // Before the call, so that no other request of the isolate leads a second one.
  const now = clock.now()
  uses.counts = new Map()
  uses.hasNew = false
  uses.toldAt = now
  uses.nextAt = now + PAUSE_MS * (1 + SPREAD * randomness.fraction())
  if (counts.size === 0) return
  const alarm = timers.after(CALL_TIMEOUT_MS)
  try {
    const report = versionUses.report({ uses: [...counts].map(readUse) })
    const isTold = await Promise.race([report.then(() => true), alarm.done.then(() => false)])
    if (isTold) remember(uses.told, counts.keys())
  } catch {
    // What was counted is lost; the next report is as good as this one.
  } finally {
    alarm.cancel()
  }
}

function readUse([key, uses]: readonly [string, number]): Use {
  const [route = '', version = '', ...caller] = key.split('\n')
  return { route, version, caller: caller.join('\n'), uses }
}

function remember(told: Set<string>, keys: Iterable<string>): void {
  for (const key of keys) {
    if (told.size >= MAX_TOLD) told.clear()
    told.add(key)
  }
}
