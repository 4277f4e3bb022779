/** Everything that one run of the simulation is made of; a run is a function of this and of its seed. */
import type { QuotaShape, RateShape } from '../../../src/buckets/shape.ts'
import type { Arrivals } from './arrivals.ts'
import { goodWire, type Wire } from './network.ts'

export interface Setting {
  readonly shape: RateShape | QuotaShape
  /** One function per isolate: what is made by it belongs to that isolate. */
  readonly arrivals: readonly (() => Arrivals)[]
  readonly durationMs: number
  /** Time of the object when the run begins. */
  readonly startsAt: number
  readonly wire: Wire
  /** A request costs 1 up to this many tokens. */
  readonly mostCost: number
  /** This share of the admitted is given back, after up to `refundAfterMs`. */
  readonly refunds: number
  readonly refundAfterMs: number
  /** How long a request waits for a hop before it is served otherwise (its `storeTimeoutMs`). */
  readonly patienceMs: number
  /** Each so often one isolate dies with what it holds; Infinity for never. */
  readonly deathEveryMs: number
  /** Each so often the object starts anew from its storage. */
  readonly restartEveryMs: number
  /** At a restart the object's clock goes back by up to so much. */
  readonly clockBackMs: number
  /** Between restarts the object's clock jumps forward by up to so much, once within the life of a lease. */
  readonly clockForwardMs: number
  /** After a restart calls may still reach the old instance for so long; its writes fail. */
  readonly overlapMs: number
  /** An isolate's own clock steps back by up to so much, each second. */
  readonly isolateBackMs: number
}

export const calmSetting: Omit<Setting, 'shape' | 'arrivals' | 'durationMs'> = {
  startsAt: 1_000_000,
  wire: goodWire,
  mostCost: 1,
  refunds: 0,
  refundAfterMs: 0,
  patienceMs: 1000,
  deathEveryMs: Number.POSITIVE_INFINITY,
  restartEveryMs: Number.POSITIVE_INFINITY,
  clockBackMs: 0,
  clockForwardMs: 0,
  overlapMs: 0,
  isolateBackMs: 0,
}
