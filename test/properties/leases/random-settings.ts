/** Settings by chance. Most have small buckets with refunds and restarts: those find the most mistakes. */
import type { QuotaShape, RateShape } from '../../../src/buckets/shape.ts'
import { type Arrivals, onOff, poisson } from './arrivals.ts'
import type { Wire } from './network.ts'
import { calmSetting, type Setting } from './setting.ts'

type Random = () => number

function pick<Value>(random: Random, values: readonly [Value, ...Value[]]): Value {
  return values[Math.floor(random() * values.length)] ?? values[0]
}

function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

export function randomRate(random: Random): RateShape {
  const size = random()
  if (size < 0.6) {
    const limit = between(random, 1, 20)
    const burst = between(random, 1, Math.max(1, Math.ceil(limit * 1.5)))
    return { kind: 'rate', limit, windowMs: between(random, 700, 3000), burst }
  }
  const limit = size < 0.85 ? between(random, 20, 200) : between(random, 200, 5000)
  const burst = Math.max(1, Math.round(limit * pick(random, [0.05, 0.3, 1, 1, 3])))
  return { kind: 'rate', limit, windowMs: pick(random, [1000, 1000, 1300, 2000]), burst }
}

export function randomQuota(random: Random): QuotaShape {
  const per = pick(random, ['minute', 'minute', 'hour'] as const)
  return {
    kind: 'quota',
    limit: between(random, 1, pick(random, [10, 300, 5000])),
    period: { per },
  }
}

function randomWire(random: Random): Wire {
  const lossy = random() < 0.7
  return {
    minDelayMs: 2.5,
    maxDelayMs: pick(random, [5, 50, 200, 200]),
    callLoss: lossy ? random() * 0.2 : 0,
    replyLoss: lossy ? random() * 0.2 : 0,
    slowShare: random() < 0.5 ? random() * 0.1 : 0,
    slowMs: between(random, 1000, 7000),
    overload: random() < 0.3 ? random() * 0.1 : 0,
    repeated: random() < 0.3 ? random() * 0.1 : 0,
  }
}

function randomArrivals(random: Random, perSecond: number): () => Arrivals {
  if (random() < 0.7) return () => poisson(perSecond)
  const everyMs = between(random, 500, 4000)
  const onMs = Math.ceil(everyMs * (0.1 + random() * 0.5))
  const fromMs = between(random, 0, everyMs)
  return () => onOff({ perSecond: (perSecond * everyMs) / onMs, fromMs, onMs, everyMs })
}

/** A rate, or the given shape, under whatever can go wrong; about `requests` requests. */
export function randomSetting(
  random: Random,
  requests: number,
  shape: RateShape | QuotaShape = randomRate(random),
): Setting {
  const isolates = random() < 0.7 ? between(random, 1, 6) : between(random, 7, 50)
  const perMs = shape.kind === 'rate' ? shape.limit / shape.windowMs : shape.limit / 60_000
  const offered = Math.max(1, perMs * 1000 * (0.4 + random() * 4))
  const weights = Array.from({ length: isolates }, () => 0.2 + random())
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const chance = (share: number, value: () => number, otherwise: number) =>
    random() < share ? value() : otherwise
  // A clock that jumps by more than the margin, while leases of an older instance may be out, is outside of the claim.
  const overlapMs = chance(0.3, () => between(random, 100, 15_000), 0)
  const jumps = shape.kind === 'rate' && overlapMs === 0
  return {
    ...calmSetting,
    shape,
    arrivals: weights.map((weight) => randomArrivals(random, (offered * weight) / sum)),
    durationMs: Math.min(
      600_000,
      Math.max(offered > 500 ? 6000 : 15_000, (requests / offered) * 1000),
    ),
    startsAt: between(random, 1_000_000, 2_000_000),
    wire: randomWire(random),
    mostCost: chance(0.3, () => between(random, 2, 5), 1),
    refunds: chance(0.6, () => random() * 0.4, 0),
    refundAfterMs: pick(random, [0, 20, 500, 3000]),
    patienceMs: pick(random, [50, 300, 1000, 3000]),
    deathEveryMs: chance(0.4, () => between(random, 700, 5000), Number.POSITIVE_INFINITY),
    restartEveryMs: chance(0.6, () => between(random, 1500, 10_000), Number.POSITIVE_INFINITY),
    // Of a quota that comes after its period the judge could not tell which one it belongs to.
    clockBackMs: chance(shape.kind === 'rate' ? 0.3 : 0, () => between(random, 1, 8000), 0),
    clockForwardMs: chance(jumps ? 0.2 : 0, () => between(random, 1, 900), 0),
    overlapMs,
    isolateBackMs: chance(0.1, () => between(random, 1, 800), 0),
  }
}
