/**
 * The one order of the call pipeline, outermost first (DESIGN.md); answers pass it backwards. A step that is not
 * configured is not in the chain. Signing and sending stand innermost, in upstreams/http.
 */
import type { Handler } from '../config/plan.ts'
import type { UpstreamOptions } from '../upstreams/http/schema.ts'
import type { UpstreamScope } from '../upstreams/http/upstream.ts'
import type { RespondOptions } from '../upstreams/respond/schema.ts'
import { bindBreaker } from './breaker/breaker.ts'
import type { Send, Target } from './call.ts'
import { bindDeadlineStep } from './deadline/deadline.ts'
import { bindIdleBody } from './deadline/idle-body.ts'
import { bindTry } from './deadline/try.ts'
import { bindTargets } from './discovery/targets.ts'
import { bindFallback } from './fallback/fallback.ts'
import { bindHedge } from './hedge/hedge.ts'
import { bindMaxConcurrent } from './max-concurrent/max-concurrent.ts'
import { bindMirror } from './mirror/mirror.ts'
import { bindRetry } from './retry/retry.ts'
import { bindReach } from './send/reach.ts'
import { bindCount } from './state/count.ts'

/** What a step is bound with: once per upstream and table, so that what it remembers is of all its routes. */
export interface CallScope extends UpstreamScope {
  readonly name: string
  readonly options: UpstreamOptions
  /** Of the table. */
  readonly targets: readonly Target[]
  /** Those of the moment, where they are discovered. */
  readonly roster?: { targets: readonly Target[] }
  /** A fixed answer, as the end of a route binds it. */
  bindRespond(options: RespondOptions): Handler
}

/** Puts the step in front of the rest, or gives null where the upstream does not ask for it. */
export type BindStep = (scope: CallScope) => ((next: Send) => Send) | null

export const callSteps: readonly BindStep[] = [
  // Around all: what it answers needs no service, or another one with a pipeline of its own.
  bindFallback,
  // What the service itself answered, all tries included, is what a copy is compared with.
  bindMirror,
  // One budget for all tries of a call.
  bindDeadlineStep,
  // What was answered in the end is watched while it streams.
  bindIdleBody,
  // A call has one slot, however many tries it takes.
  bindMaxConcurrent,
  // Around retry: what races tries again by itself.
  bindHedge,
  bindRetry,
  // Within retry: each try asks whether it may go.
  bindBreaker,
  // Within the breaker: what it refused was no try.
  bindCount,
  // Which target: per try, of those that the table and discovery name.
  bindTargets,
  // Within balance: of the target that was chosen.
  bindTry,
  bindReach,
]

/** The whole pipeline in front of `last`. */
export function bindSteps(scope: CallScope, last: Send): Send {
  return callSteps.reduceRight<Send>((next, bind) => bind(scope)?.(next) ?? next, last)
}
