/**
 * Each breaks exactly one rule of the protocol, around the production modules; a simulation that does not notice
 * proves nothing. `caught` names the check that sees it: `excess` is the bound, `unaccounted` the second check.
 */
import type { BookStorage } from '../../../src/buckets/ledger/book.ts'
import type { Line } from '../../../src/buckets/ledger/lines.ts'
import type { BucketCall } from '../../../src/buckets/messages.ts'
import { onOff, poisson } from './arrivals.ts'
import { chaosWire } from './cases.ts'
import { goodWire } from './network.ts'
import { calmSetting, type Setting } from './setting.ts'
import type { Faults } from './world.ts'

export interface Mutant {
  readonly title: string
  readonly setting: Setting
  readonly make: () => Faults
}

/** Bursts with pauses on few isolates: what one saved up goes out beside a refilled bucket. */
const bursts: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 100 },
  arrivals: Array.from(
    { length: 4 },
    () => () => onOff({ perSecond: 300, fromMs: 0, onMs: 300, everyMs: 2500 }),
  ),
  durationMs: 60_000,
}

const restarts: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 100 },
  arrivals: Array.from({ length: 4 }, () => () => poisson(60)),
  durationMs: 60_000,
  restartEveryMs: 5000,
}

const smallRefunds: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 7, windowMs: 1300, burst: 1 },
  arrivals: Array.from({ length: 3 }, () => () => poisson(4)),
  durationMs: 120_000,
  refunds: 0.4,
  refundAfterMs: 3000,
}

const slow: Setting = {
  ...bursts,
  wire: { ...chaosWire, slowShare: 0.2, slowMs: 4000, repeated: 0.05 },
}

void goodWire

export function writesBehind(storage: BookStorage, now: () => number): BookStorage {
  let last = now()
  let kept = new Map<string, Line>()
  return {
    list: () => storage.list(),
    write: (key, line) => {
      kept.set(key, line)
      if (now() - last < 1000) return
      last = now()
      for (const [name, last] of kept) storage.write(name, last)
      kept = new Map<string, Line>()
    },
    delete: (key) => storage.delete(key),
  }
}

export function forgets(storage: BookStorage): BookStorage {
  return { ...storage, list: () => [] }
}

/** Makes every call look like the next one of its isolate. */
export function renumbers(): (message: BucketCall) => BucketCall {
  const seen = new Map<string, number>()
  return (message) => {
    const seq = (seen.get(message.isolate) ?? 0) + 1
    seen.set(message.isolate, seq)
    return { ...message, seq }
  }
}

export const mutants: readonly Mutant[] = [
  {
    title: 'written behind',
    setting: restarts,
    make: () => ({ object: { storage: writesBehind } }),
  },
  { title: 'nothing stored', setting: restarts, make: () => ({ object: { storage: forgets } }) },
  { title: 'no check of seq', setting: slow, make: () => ({ object: { hear: renumbers() } }) },
  {
    title: 'ttl counted from receipt',
    setting: slow,
    make: () => ({
      isolate: { read: (reply, roundTripMs) => ({ ...reply, ttlMs: reply.ttlMs + roundTripMs }) },
    }),
  },
  {
    title: 'a late reply is used',
    setting: slow,
    make: () => ({ isolate: { usesLateReplies: true } }),
  },
]
void smallRefunds
