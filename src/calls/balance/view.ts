/**
 * What one isolate knows of an upstream's targets, put together for one table. Gauges outlive tables: they are kept
 * under the upstream's name and the target's URL.
 */
import type { Memories } from '../../platform/ports.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { Target } from '../call.ts'
import type { Algorithm, BalanceView } from './choose-core.ts'
import { startCredits } from './core.ts'
import { type Gauge, makeGauge } from './gauge-core.ts'
import { hashText } from './rendezvous-core.ts'
import { makeScratch, type SpreadRules } from './spread-core.ts'
import type { TargetView } from './standing.ts'

/** Of Envoy's common_lb_config.healthy_panic_threshold. */
const DEFAULT_PANIC_PERCENT = 50

export interface ViewParts {
  readonly upstream: string
  readonly options: UpstreamOptions
  readonly targets: readonly Target[]
  readonly memories: Memories
  readonly now: number
  /** Where round robin begins, from 0 to 1. */
  readonly fraction: number
}

export function openView({ options, targets, fraction, ...parts }: ViewParts): BalanceView {
  const rules = rulesOf(options, targets)
  const known = openKnown(targets, parts)
  // A table in which no target has weight means that it says nothing of weights.
  const isEven = targets.every(({ weight }) => weight === 0)
  const views = targets.map(({ url, weight, priority, zone, draining }): TargetView => {
    const { gauge, since } = known.get(url) as Known
    const own = isEven ? 1 : weight
    const standing = draining ? 'draining' : 'usable'
    return { url, weight: own, priority, zone, standing, until: 0, since, gauge }
  })
  return {
    algorithm: algorithmOf(options),
    targets: views,
    rules,
    scratch: makeScratch(views.length, rules),
    credits: startCredits(
      views.map(({ weight }) => weight),
      fraction,
    ),
    seeds: views.map(({ url }) => hashText(url)),
  }
}

function algorithmOf({ balance = 'round-robin' }: UpstreamOptions): Algorithm {
  return typeof balance === 'string' ? balance : 'hash'
}

function rulesOf(options: UpstreamOptions, targets: readonly Target[]): SpreadRules {
  return {
    panicPercent: options.panicPercent ?? DEFAULT_PANIC_PERCENT,
    slowStartMs: 1000 * (options.slowStartSeconds ?? 0),
    levels: [...new Set(targets.map(({ priority }) => priority))].sort((a, b) => a - b),
    zoned: targets.some(({ zone }) => zone !== null),
  }
}

interface Known {
  readonly gauge: Gauge
  readonly since: number
}

const MAX_UPSTREAMS = 1_000

/** The targets of the table; what the isolate knew of others is forgotten, what is new begins now. */
function openKnown(
  targets: readonly Target[],
  { upstream, memories, now }: Pick<ViewParts, 'upstream' | 'memories' | 'now'>,
): ReadonlyMap<string, Known> {
  const memory = memories.of<ReadonlyMap<string, Known>>('balance:targets', MAX_UPSTREAMS)
  const before = memory.get(upstream, now)
  // An isolate that begins knows of nothing that came: the fleet has called these for long.
  const since = before === undefined ? 0 : now
  const known = new Map(
    targets.map(({ url }) => [url, before?.get(url) ?? { gauge: makeGauge(), since }]),
  )
  memory.set(upstream, known, Number.POSITIVE_INFINITY)
  return known
}
