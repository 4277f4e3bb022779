/**
 * Each breaks exactly one rule of the protocol around the production modules: a simulation that does not notice
 * proves nothing. The setting is one that brings the broken rule out.
 */
import { vi } from 'vitest'
import { Accounts } from '../../../src/buckets/ledger/accounts.ts'
import type { BookStorage } from '../../../src/buckets/ledger/book.ts'
import type { StoredLine } from '../../../src/buckets/ledger/lines.ts'
import { RefundPools } from '../../../src/buckets/ledger/refund-pools.ts'
import type { BucketCall } from '../../../src/buckets/messages.ts'
import { either, onOff, poisson } from './arrivals.ts'
import { chaosWire } from './cases.ts'
import { goodWire } from './network.ts'
import { calmSetting, type Setting } from './setting.ts'
import type { Faults } from './world.ts'

export interface Mutant {
  readonly title: string
  readonly setting: Setting
  /** What is put around the production modules; a spy in them is taken away by the test. */
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

const flashes: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 1000 },
  arrivals: Array.from(
    { length: 4 },
    () => () => onOff({ perSecond: 2000, fromMs: 0, onMs: 300, everyMs: 9000 }),
  ),
  durationMs: 60_000,
  restartEveryMs: 700,
}

/** Each isolate fills its pocket in turn and then spends little; the bucket refills beside it, over restarts. */
const savings: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 100 },
  arrivals: Array.from(
    { length: 4 },
    (_, index) => () =>
      either(onOff({ perSecond: 400, fromMs: index * 1200, onMs: 300, everyMs: 4800 }), poisson(2)),
  ),
  durationMs: 120_000,
}

/** One isolate saves up while the bucket is quiet; another one empties it just before the savings are spent. */
const quiet: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 100 },
  arrivals: [
    () =>
      either(
        onOff({ perSecond: 400, fromMs: 0, onMs: 150, everyMs: 9000 }),
        either(poisson(2), onOff({ perSecond: 400, fromMs: 4500, onMs: 300, everyMs: 9000 })),
      ),
    () => onOff({ perSecond: 1000, fromMs: 4200, onMs: 300, everyMs: 9000 }),
  ],
  durationMs: 180_000,
  restartEveryMs: 1500,
}

/** Leases that outlast their use, on calls of which half are lost: they are spent to their very end. */
const toTheEnd: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 100, windowMs: 1000, burst: 1000 },
  arrivals: Array.from(
    { length: 4 },
    () => () => either(onOff({ perSecond: 500, fromMs: 0, onMs: 200, everyMs: 7000 }), poisson(20)),
  ),
  durationMs: 900_000,
  wire: { ...goodWire, minDelayMs: 250, maxDelayMs: 480, callLoss: 0.6 },
  clockForwardMs: 999,
}

/** Calls that are late by more than they are waited for, and calls that come twice. */
const slow: Setting = {
  ...bursts,
  wire: { ...chaosWire, slowShare: 0.2, slowMs: 4000, repeated: 0.05 },
}

/** One token, given back late: the bucket has been full meanwhile. */
const smallRefunds: Setting = {
  ...calmSetting,
  shape: { kind: 'rate', limit: 7, windowMs: 1300, burst: 1 },
  arrivals: Array.from({ length: 3 }, () => () => poisson(2)),
  durationMs: 300_000,
  refunds: 0.4,
  refundAfterMs: 3000,
}

function writesBehind(storage: BookStorage, now: () => number): BookStorage {
  let writtenAt = now()
  const waiting = new Map<string, StoredLine>()
  return {
    ...storage,
    write: (key, line) => {
      waiting.set(key, line)
      if (now() - writtenAt < 1000) return
      writtenAt = now()
      for (const [name, latest] of waiting) storage.write(name, latest)
      waiting.clear()
    },
  }
}

function forgets(storage: BookStorage): BookStorage {
  return { ...storage, list: () => [] }
}

function forgetsHolders(storage: BookStorage): BookStorage {
  const without = (line: StoredLine): StoredLine =>
    line.kind === 'rate' ? { ...line, outstanding: 0 } : line
  return {
    ...storage,
    list: () => [...storage.list()].map(([key, line]) => [key, without(line)] as const),
  }
}

/** Every call looks like the next one of its isolate. */
function renumbers(): (message: BucketCall) => BucketCall {
  const seen = new Map<string, number>()
  return (message) => {
    const seq = (seen.get(message.isolate) ?? 0) + 1
    seen.set(message.isolate, seq)
    return { ...message, seq }
  }
}

export const mutants: readonly Mutant[] = [
  {
    title: 'no cap rule: what isolates hold takes no room',
    setting: savings,
    make: () => {
      vi.spyOn(Accounts.prototype, 'setOut').mockImplementation((account, tokens) => {
        account.out = tokens
      })
      return {}
    },
  },
  {
    title: 'the line is written behind',
    setting: { ...flashes, restartEveryMs: 3000 },
    make: () => ({ object: { storage: writesBehind } }),
  },
  {
    title: 'nothing is stored',
    setting: flashes,
    make: () => ({ object: { storage: forgets } }),
  },
  {
    title: 'no freeze of capacity after a restart',
    setting: quiet,
    make: () => ({ object: { storage: forgetsHolders } }),
  },
  {
    title: 'seq is not checked',
    setting: slow,
    make: () => ({ object: { hear: renumbers() } }),
  },
  {
    title: 'the time to live is counted from receipt',
    setting: toTheEnd,
    make: () => ({
      isolate: {
        read: (reply, roundTripMs) => ({ ...reply, ttlMs: reply.ttlMs + roundTripMs }),
      },
    }),
  },
  {
    title: 'a late reply is used',
    setting: slow,
    make: () => ({ isolate: { usesLateReplies: true } }),
  },
  {
    title: 'refunds without pools: a bucket that was full since takes them all',
    setting: smallRefunds,
    make: () => {
      vi.spyOn(RefundPools.prototype, 'spill').mockImplementation(() => {})
      return {}
    },
  },
]
