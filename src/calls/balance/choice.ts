/** Binds the choice of a target: the request's own facts, put into the pure one. A call allocates nothing here. */
import type { Ports } from '../../platform/ports.ts'
import type { Call } from '../call.ts'
import type { EjectionLocal } from '../ejection/local-core.ts'
import type { HealthLocal } from '../health/local.ts'
import type { CallScope } from '../order.ts'
import { objectName } from '../state/bind-link.ts'
import { type BalanceView, type ChoiceRequest, chooseTarget } from './choose-core.ts'
import type { Gauge } from './gauge-core.ts'
import { bindHashKey } from './key.ts'
import { drawFraction } from './rendezvous-core.ts'
import { applyEjections, applyHealth, type TargetView } from './standing.ts'
import type { Sticky } from './sticky.ts'
import { isHeld } from './sticky-core.ts'
import { openView } from './view.ts'

export interface ChoiceParts {
  /** What this isolate knows of ejected targets; null where the upstream has no `ejection`. */
  readonly ejected: ((call: Call) => EjectionLocal) | null
  /** Which targets the fleet's prober takes for unhealthy; null where the upstream has no `health`. */
  readonly health: ((call: Call) => HealthLocal) | null
  readonly sticky: Sticky | null
}

export interface Choice {
  /** Index of the target for this try; null where none may be called. */
  choose(call: Call): number | null
  /** Of a target that was chosen. */
  gauge(index: number): Gauge
}

export function bindChoice(scope: CallScope, { ejected, health, sticky }: ChoiceParts): Choice {
  const { options, targets } = scope
  const upstream = objectName(scope)
  const { balance } = options
  const readKey = typeof balance === 'object' ? bindHashKey(balance.hash) : null
  let view: BalanceView | null = null
  let seen = -1
  let seenHealth = -1
  // One object for all calls: nothing is awaited while it is in use.
  const request: Writable<ChoiceRequest> = {
    now: 0,
    fraction: 0,
    colo: null,
    continent: null,
    tried: null,
    chance: { fraction: () => 0 },
    key: null,
  }

  /** Opened by the first call: what an isolate remembers is reached through a request's ports. */
  function open({ memories, randomness }: Ports, now: number): BalanceView {
    view ??= openView({
      upstream,
      options,
      targets,
      memories,
      now,
      fraction: randomness.fraction(),
    })
    return view
  }

  function write({ exchange, tried }: Call, { rules }: BalanceView, now: number): void {
    const { client, ports } = exchange
    request.now = now
    request.colo = client.colo
    request.continent = client.continent
    request.tried = tried
    request.chance = ports.randomness
    request.key = readKey === null ? null : readKey(exchange)
    // With one rank only there is nothing to draw.
    if (rules.levels.length > 1 || rules.zoned) {
      const { key } = request
      request.fraction = key === null ? ports.randomness.fraction() : drawFraction(key, RANK_SEED)
    }
  }

  function holds(call: Call, targetViews: readonly TargetView[]): number | null {
    const index = sticky === null ? null : sticky.read(call.exchange)
    if (index === null) return null
    return isHeld(targetViews[index] as TargetView, request) ? index : null
  }

  return {
    choose(call) {
      const { ports } = call.exchange
      const now = ports.clock.now()
      const opened = open(ports, now)
      const probed = health === null ? null : health(call)
      if (probed !== null && probed.version !== seenHealth) {
        seenHealth = probed.version
        applyHealth(opened.targets, probed.unhealthy, now)
        // What came back may be ejected.
        seen = -1
      }
      const local = ejected === null ? null : ejected(call)
      if (local !== null && local.version !== seen) {
        seen = local.version
        applyEjections(opened.targets, local.targets, now)
      }
      write(call, opened, now)
      return holds(call, opened.targets) ?? chooseTarget(opened, request)
    },
    gauge(index) {
      const target = view === null ? undefined : view.targets[index]
      return (target as TargetView).gauge
    },
  }
}

type Writable<Whole> = { -readonly [Key in keyof Whole]: Whole[Key] }

/** Apart from the seeds of targets: a key's rank says nothing of its target. */
const RANK_SEED = 0x5eed
