/**
 * Sheds requests before the bucket is asked: what is refused takes no token, so the limit stays exact, whatever is let
 * through. The less important go first.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { type BindContext, noRoute } from '../../pipeline/policy.ts'
import type { Priority } from '../../schema/limits.ts'
import type { AdaptiveSpec } from './adaptive-schema.ts'
import { priorityOf } from './core.ts'

/** The refusal of a request that the upstream cannot take now, or null. */
export type Shed = (exchange: Exchange) => Refusal | null

/** Null where nothing is shed: what only asks how much a caller has left is no request for the upstream. */
export function bindShed(options: AdaptiveSpec | undefined, context: BindContext): Shed | null {
  if (options === undefined || context.route === noRoute) return null
  const capacity = context.capacity(options)
  const priority = bindPriority(context)
  const members = { 'violated-policies': [context.name] }
  return function shed(exchange) {
    const retrySeconds = capacity(exchange, priority(exchange))
    if (retrySeconds === null) return null
    return refuse('CAPACITY_REDUCED', {
      members,
      reason: 'capacity-reduced',
      headers: { 'Retry-After': String(retrySeconds) },
    })
  }
}

function bindPriority(context: BindContext): (exchange: Exchange) => Priority {
  const { plans, anonymous, priority: ofRoute } = context
  const find = (plan: string | null | undefined) =>
    plan === null || plan === undefined ? null : (plans.get(plan)?.priority ?? null)
  const otherwise = find(anonymous?.plan)
  return function priority({ identity }) {
    return priorityOf(ofRoute, find(identity?.consumer?.plan), otherwise)
  }
}
