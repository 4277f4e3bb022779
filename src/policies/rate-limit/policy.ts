/**
 * `rate-limit`: never more than `burst + limit × T / windowSeconds` in any T seconds, over all isolates. The claims of
 * a caller are made once and remembered with its key: a request that they admit allocates nothing here.
 */
import type { Claim } from '../../buckets/claims.ts'
import type { BucketPlace } from '../../buckets/shape.ts'
import type { BindContext, Limit, LimitBuckets, PolicyDefinition } from '../../pipeline/policy.ts'
import type { RateSpec } from '../../schema/limits.ts'
import { bindLimitBuckets } from '../limit-buckets.ts'
import { type BoundCost, bindCost, withCost } from '../limit-cost.ts'
import { bindPerKey, DEFAULT_STORE_TIMEOUT_MS, placeWithin } from '../limit-key.ts'
import { bindSpending, planMissing } from '../spending.ts'
import { bindShed } from './adaptive.ts'
import { isHit, labelOf, rateOf, windowNames } from './core.ts'
import type { RateLimitOptions } from './schema.ts'

export const definition: PolicyDefinition<RateLimitOptions> = {
  use: 'rate-limit',
  stage: 'limit',
  arity: 'many',
  summary: 'Lets a caller have so many requests in a window, exactly, over all isolates.',
  bind: bindRateLimit,
}

function bindRateLimit(options: RateLimitOptions, context: BindContext): Limit {
  const cost = bindCost(options.cost, 'RATE_LIMITED')
  const make = bindMake(options, cost, context)
  const claims = options.plan
    ? bindPlanned(options, cost, context, make)
    : bindOwn(options, cost, context, make)
  const shed = bindShed(options.adaptive, context)
  return {
    kind: 'limit',
    code: 'RATE_LIMITED',
    claims: shed === null ? claims : (exchange) => shed(exchange) ?? claims(exchange),
    legacyHeaders: options.legacyHeaders ?? false,
    conclude: options.countHits === false ? givingHitsBack(cost.conclude) : cost.conclude,
    buckets: bindBuckets(options, context, make),
    ...(cost.holds ? { holds: true } : {}),
  }
}

type Make = (specs: readonly RateSpec[], place: BucketPlace) => readonly Claim[]

function bindMake(options: RateLimitOptions, cost: BoundCost, { name }: BindContext): Make {
  const { storeTimeoutMs = DEFAULT_STORE_TIMEOUT_MS, onStoreFault = 'local' } = options
  return function makeClaims(specs, place) {
    const windows = windowNames(specs)
    return specs.map((spec, index) => ({
      label: labelOf(name, index),
      place: placeWithin(place, windows[index] as string),
      shape: rateOf(spec),
      cost: cost.fixed ?? 1,
      storeTimeoutMs,
      onStoreFault,
    }))
  }
}

function bindOwn(
  options: RateLimitOptions,
  cost: BoundCost,
  context: BindContext,
  make: Make,
): Limit['claims'] {
  const specs = ownSpecs(options)
  const claimsFor = bindPerKey(options, context, (place) => make(specs, place))
  return cost.fixed === null
    ? (exchange) => withCost(claimsFor(exchange), cost, exchange)
    : claimsFor
}

function ownSpecs(options: RateLimitOptions): readonly RateSpec[] {
  const { limit = 1, windowSeconds = 1, burst } = options
  return options.limits ?? [{ limit, windowSeconds, burst }]
}

function bindBuckets(options: RateLimitOptions, context: BindContext, make: Make): LimitBuckets {
  const own = ownSpecs(options)
  const specsOf = options.plan ? bindSpending('limits', context) : () => own
  return bindLimitBuckets(options, context, {
    shapes: options.plan ? null : own.map(rateOf),
    claims(place, caller) {
      const specs = specsOf(caller)
      return specs === null ? null : make(specs, place)
    },
  })
}

function bindPlanned(
  options: RateLimitOptions,
  cost: BoundCost,
  context: BindContext,
  make: Make,
): Limit['claims'] {
  const specsOf = bindSpending('limits', context)
  // By the list itself: those of a table are few, and one caller may come with keys of several plans.
  const madeFor = bindPerKey(options, context, (place) => ({
    place,
    claims: new Map<readonly RateSpec[], readonly Claim[]>(),
  }))
  return function claimsOfPlan(exchange) {
    const specs = specsOf(exchange)
    if (specs === null) return planMissing
    const made = madeFor(exchange)
    let claims = made.claims.get(specs)
    if (claims === undefined) {
      claims = make(specs, made.place)
      made.claims.set(specs, claims)
    }
    return withCost(claims, cost, exchange)
  }
}

/** What the cache answered cost the service nothing. */
function givingHitsBack(conclude: Limit['conclude']): Limit['conclude'] {
  return function giveHitsBack(use) {
    if (isHit(use.exchange.event.cache)) {
      for (const ticket of use.tickets) ticket.refund()
      return use.answer
    }
    return conclude === null ? use.answer : conclude(use)
  }
}
