/** `aggregate` of a route: ties plan, calls and answer into the end of its pipeline. */
import type { Handler } from '../../config/plan.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { bindAnswer } from './answer/answer.ts'
import { bindCall } from './calls/call.ts'
import { tellsCaller } from './calls/caller.ts'
import { planAggregate } from './plan/plan.ts'
import { type Run, type SeenPart, startRun } from './run/run.ts'
import type { AggregateOptions, CallSpec } from './schema.ts'
import type { AggregateScope } from './scope.ts'
import { makeValues } from './values.ts'

export const DEFAULT_MAX_BODY_BYTES = 1_048_576

export type AggregateContext = Omit<AggregateScope, 'names' | 'maxBodyBytes' | 'needsSignal'> & {
  /** `timeoutMs` of the route; null where it does not say. */
  readonly routeMs: number | null
}

/** The checks have refused what has no plan, so this throws on it. */
export function bindAggregate(options: AggregateOptions, context: AggregateContext): Handler {
  const planned = planAggregate(options)
  if (planned.kind === 'problems') throw new TypeError(planned.problems[0]?.message)
  const { plan } = planned
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options
  const scope: AggregateScope = {
    ...context,
    names: plan.names,
    maxBodyBytes,
    needsSignal:
      options.stream !== undefined || plan.calls.some(({ spec }) => mayWorkOn(spec, context)),
  }
  const calls = plan.calls.map((call) => bindCall(call, scope))
  const answer = bindAnswer(options, plan, (name) => tellsCaller(context.find(name)))
  const limitMs = options.timeoutMs ?? context.routeMs ?? context.defaultMs
  const upstreams = [...new Set(plan.calls.map(({ spec }) => spec.upstream))].join(',')

  return function aggregate(exchange) {
    const { ports, params, event } = exchange
    event.upstream = upstreams
    const run = startRun(plan, calls, {
      exchange,
      endsAt: limitMs === null ? null : ports.clock.now() + limitMs,
      makeValues: (seen: readonly SeenPart[]) => makeValues(params, seen),
    })
    callOffOnLeave(exchange, run)
    return answer(exchange, run)
  }
}

/** Options of upstreams that do nothing but for the one request that is sent. */
const plain: ReadonlySet<string> = new Set(['kind', 'targets', 'headers', 'timeoutMs', 'balance'])

/** All but plain calls may send again, or have the runtime keep the request's work for what is to be stored or told. */
function mayWorkOn({ cache, upstream }: CallSpec, { find }: AggregateContext): boolean {
  return cache !== undefined || !Object.keys(find(upstream).options).every((key) => plain.has(key))
}

/** A client that left waits for no call. */
function callOffOnLeave(exchange: Exchange, run: Run): void {
  const left = exchange.onLeave
  exchange.onLeave = () => {
    left?.()
    run.cancel()
  }
}
