/** Everything that one run measured: what results.json holds and the page is written from. */
import type { FirstByte, Hundred } from './aggregate-titles.ts'
import type { BundleSize } from './bundle.ts'
import type { Burst } from './burst-titles.ts'
import type { Computer } from './computer.ts'
import type { DuelPlan, DuelResult } from './duel.ts'
import type { FleetResult } from './fleet.ts'
import type { Hanging } from './hanging-titles.ts'
import type { MatcherResults } from './matcher.ts'
import type { ObjectCalls } from './object-calls.ts'
import type { StartUp } from './startup.ts'
import type { Throughput } from './wrk.ts'

export interface Results {
  /** YYYY-MM-DD. */
  readonly date: string
  readonly computer: Computer
  readonly origin: string
  readonly pinned: boolean
  readonly plan: DuelPlan
  readonly cpu: readonly DuelResult[]
  /** Calls of objects for each request, of the cases in `cpu` that make some. */
  readonly objectCalls: readonly ObjectCalls[]
  readonly fleet: readonly FleetResult[] | null
  readonly bursts: readonly Burst[] | null
  readonly hanging: readonly Hanging[] | null
  /** What single things cost; names are those of cost-titles.ts. */
  readonly costs: readonly DuelResult[]
  /** Beside Workers by hand; names are those of aggregate-titles.ts. */
  readonly byHand: readonly DuelResult[]
  readonly firstByte: FirstByte | null
  readonly hundred: Hundred | null
  readonly throughput: { readonly tool: string; readonly of: readonly NamedThroughput[] } | null
  readonly matcher: MatcherResults | null
  readonly startUp: readonly StartUp[] | null
  readonly bundle: BundleSize | null
}

export interface NamedThroughput extends Throughput {
  readonly name: string
}
