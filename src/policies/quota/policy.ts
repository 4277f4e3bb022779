/**
 * `quota`: so much in a period, durable across restarts. Warnings at shares of a quota go out with the answers of
 * requests that reach them.
 */
import type { Claim, Ticket } from '../../buckets/claims.ts'
import type { BucketPlace } from '../../buckets/shape.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  BindContext,
  Limit,
  LimitBuckets,
  LimitUse,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import type { QuotaSpec } from '../../schema/limits.ts'
import { bindLimitBuckets } from '../limit-buckets.ts'
import { type BoundCost, bindCost, withCost } from '../limit-cost.ts'
import { bindPerKey, DEFAULT_STORE_TIMEOUT_MS, placeWithin } from '../limit-key.ts'
import { bindSpending, planMissing } from '../spending.ts'
import { periodNameOf, quotaBucketOf, reachedShare } from './core.ts'
import type { QuotaOptions } from './schema.ts'

export const definition: PolicyDefinition<QuotaOptions> = {
  use: 'quota',
  stage: 'limit',
  arity: 'many',
  summary: 'Lets a caller spend so much in a period: a day, a month, or one of its own.',
  bind: bindQuota,
}

type MakeClaim = (spec: QuotaSpec, place: BucketPlace, label: string) => Claim

function bindQuota(options: QuotaOptions, context: BindContext): Limit {
  const { storeTimeoutMs = DEFAULT_STORE_TIMEOUT_MS, onStoreFault = 'deny' } = options
  const cost = bindCost(options.cost, 'QUOTA_EXCEEDED')
  const makeClaim: MakeClaim = (spec, place, label) => ({
    label,
    place,
    shape: quotaBucketOf(spec),
    cost: cost.fixed ?? 1,
    storeTimeoutMs,
    onStoreFault,
  })
  const bindClaims = options.plan ? bindPlanned : bindOne
  const claimsOf = bindClaims(options, context, makeClaim)
  return {
    kind: 'limit',
    code: 'QUOTA_EXCEEDED',
    claims: cost.fixed === null ? bindOwnCosts(claimsOf, cost) : claimsOf,
    legacyHeaders: false,
    conclude: bindConclude(cost, bindWarn(options.warnAt ?? [], context.name)),
    buckets: bindBuckets(options, context, makeClaim),
    ...(cost.holds ? { holds: true } : {}),
  }
}

/** Each request costs what its template says. */
function bindOwnCosts(claimsOf: Limit['claims'], cost: BoundCost): Limit['claims'] {
  return function claims(exchange) {
    const found = claimsOf(exchange)
    return 'kind' in found ? found : withCost(found, cost, exchange)
  }
}

/** Late costs first, so that a warning counts them. */
function bindConclude({ conclude }: BoundCost, warn: Warn | null): Limit['conclude'] {
  if (warn === null) return conclude
  if (conclude === null) {
    return function warnOfQuota(use) {
      warn(use)
      return use.answer
    }
  }
  return async function chargeAndWarn(use) {
    const answer = await conclude(use)
    warn(use)
    return answer
  }
}

function bindOne(
  options: QuotaOptions,
  context: BindContext,
  makeClaim: MakeClaim,
): Limit['claims'] {
  const spec = ownSpec(options)
  return bindPerKey(options, context, (place) => [makeClaim(spec, place, context.name)])
}

function bindPlanned(
  options: QuotaOptions,
  context: BindContext,
  makeClaim: MakeClaim,
): Limit['claims'] {
  const quotasOf = bindSpending('quotas', context)
  // By the list itself: those of a table are few, and one caller may come with keys of several plans.
  const madeFor = bindPerKey(options, context, (place) => ({
    place,
    claims: new Map<readonly QuotaSpec[], readonly Claim[]>(),
  }))
  return function claimsOfPlan(exchange) {
    const specs = quotasOf(exchange)
    if (specs === null) return planMissing
    const { place, claims } = madeFor(exchange)
    const known = claims.get(specs)
    if (known !== undefined) return known
    const made = claimsOfSpecs(specs, place, context.name, makeClaim)
    claims.set(specs, made)
    return made
  }
}

function claimsOfSpecs(
  specs: readonly QuotaSpec[],
  place: BucketPlace,
  name: string,
  makeClaim: MakeClaim,
): readonly Claim[] {
  return specs.map((spec, index) => {
    const label = index === 0 ? name : `${name}-${index + 1}`
    return makeClaim(spec, placeWithin(place, periodNameOf(spec)), label)
  })
}

function ownSpec({ limit = 1, per = 'day', anchor, everyDays }: QuotaOptions): QuotaSpec {
  return { limit, per, anchor, everyDays }
}

function bindBuckets(
  options: QuotaOptions,
  context: BindContext,
  makeClaim: MakeClaim,
): LimitBuckets {
  const { name } = context
  if (!options.plan) {
    const spec = ownSpec(options)
    return bindLimitBuckets(options, context, {
      shapes: [quotaBucketOf(spec)],
      claims: (place) => [makeClaim(spec, place, name)],
    })
  }
  const quotasOf = bindSpending('quotas', context)
  return bindLimitBuckets(options, context, {
    shapes: null,
    claims(place, caller) {
      const specs = quotasOf(caller)
      return specs === null ? null : claimsOfSpecs(specs, place, name, makeClaim)
    },
  })
}

type Warn = (use: LimitUse) => void

const WARNING = 'Isogate-Quota-Warning'

/** Null where nobody is warned: then nothing runs after the answer. */
function bindWarn(warnAt: readonly number[], name: string): Warn | null {
  if (warnAt.length === 0) return null
  const shares = [...warnAt].sort((a, b) => b - a)
  return function warn({ exchange, tickets }) {
    const now = exchange.ports.clock.now()
    let highest = 0
    for (const ticket of tickets) {
      const share = shareOf(ticket, now, shares)
      if (share === null) continue
      addWarning(exchange, ticket.claim.label, share)
      highest = Math.max(highest, share)
    }
    if (highest > 0) exchange.event.policies[name] = `passed:quota-${highest}`
  }
}

/** Where the store failed nobody knows what is left. */
function shareOf(ticket: Ticket, now: number, shares: readonly number[]): number | null {
  if (ticket.by !== 'bucket') return null
  const { limit } = ticket.claim.shape
  return reachedShare({ limit, remaining: ticket.remaining(now) }, shares)
}

/** A member of a list of strings with a parameter (RFC 9651 §3.1); labels need no escapes. */
function addWarning({ answer }: Exchange, label: string, share: number): void {
  // The first replaces what a service may have written under this name.
  const kind = answer.some((edit) => 'name' in edit && edit.name === WARNING) ? 'add' : 'set'
  answer.push({ kind, name: WARNING, value: `"${label}";share=${share}` })
}
