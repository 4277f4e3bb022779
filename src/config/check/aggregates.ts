/** Aggregates whose calls cannot all be made: what their plans say, and how many requests they may come to. */
import {
  type AggregatePlan,
  type PlannedCall,
  planAggregate,
} from '../../upstreams/aggregate/plan/plan.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused, warned } from './note.ts'

// Subrequests of one request, on the Free plan and on Paid (developers.cloudflare.com/workers/platform/limits).
const FREE_SUBREQUESTS = 50
const PAID_SUBREQUESTS = 10_000

export function checkAggregates(table: RouteTable): Problem[] {
  return plansOf(table).flatMap(({ planned, path }) => {
    if (planned.kind === 'plan') return tooManyRequests(planned.plan, path, table)
    return planned.problems.map(({ path: at, code, message, ...more }) =>
      refused([...path, ...at], code, message, more),
    )
  })
}

export function checkAggregateWarnings(table: RouteTable): Problem[] {
  return plansOf(table).flatMap(({ planned, path }) => {
    if (planned.kind === 'problems') return []
    return [...unusedDefaults(planned.plan, path), ...manyRequests(planned.plan, path, table)]
  })
}

function unusedDefaults({ calls }: AggregatePlan, path: Path): Problem[] {
  return calls.flatMap(({ name, spec, required }) => {
    if (!required || spec.default === undefined) return []
    const message = 'nobody gets this: where a required call fails, the whole does'
    return [warned([...path, 'calls', name, 'default'], 'AGGREGATE_DEFAULT_UNUSED', message)]
  })
}

function manyRequests(plan: AggregatePlan, path: Path, table: RouteTable): Problem[] {
  const count = requestsOf(plan, table)
  if (count <= FREE_SUBREQUESTS || count > PAID_SUBREQUESTS) return []
  const message = `one request may come to ${count} subrequests, tries included: Cloudflare allows ${FREE_SUBREQUESTS} on the Free plan and ${PAID_SUBREQUESTS} on Paid`
  return [warned([...path, 'calls'], 'AGGREGATE_MANY_REQUESTS', message, { found: String(count) })]
}

function plansOf({ routes }: RouteTable) {
  return routes.flatMap(({ aggregate }, index) =>
    aggregate === undefined
      ? []
      : [{ planned: planAggregate(aggregate), path: ['routes', index, 'aggregate'] as Path }],
  )
}

function tooManyRequests(plan: AggregatePlan, path: Path, table: RouteTable): Problem[] {
  const count = requestsOf(plan, table)
  if (count <= PAID_SUBREQUESTS) return []
  const expected = `at most ${PAID_SUBREQUESTS} subrequests, which is what Cloudflare allows one request`
  const message = `expected ${expected}, found calls that may come to ${count}, tries included`
  return [
    refused([...path, 'calls'], 'AGGREGATE_TOO_MANY_CALLS', message, {
      found: String(count),
      expected,
    }),
  ]
}

/** At most: every item of every list is called for, and every try is needed. */
function requestsOf({ calls }: AggregatePlan, { upstreams = {} }: RouteTable): number {
  const tries = (name: string) =>
    Object.hasOwn(upstreams, name) ? triesOf(upstreams[name] as UpstreamOptions) : 1
  return calls.reduce((sum, { spec }) => sum + shotsOf(spec) * tries(spec.upstream), 0)
}

// As call-schema.ts says.
const DEFAULT_MAX_ITEMS = 100
const DEFAULT_BATCH_ITEMS = 50

function shotsOf({ forEach, maxItems = DEFAULT_MAX_ITEMS, batch }: PlannedCall['spec']): number {
  if (forEach === undefined) return 1
  return batch === undefined
    ? maxItems
    : Math.ceil(maxItems / (batch.maxItems ?? DEFAULT_BATCH_ITEMS))
}

// As calls/retry/schema.ts and calls/hedge/schema.ts say.
const DEFAULT_ATTEMPTS = 3
const DEFAULT_HEDGES = 1

/** Of one call; the chain behind it is not counted, since each of it is asked only where all before it failed. */
function triesOf({ retry, hedge }: UpstreamOptions): number {
  const attempts = retry === undefined ? 1 : (retry.attempts ?? DEFAULT_ATTEMPTS)
  return hedge === undefined ? attempts : attempts * (1 + (hedge.max ?? DEFAULT_HEDGES))
}
