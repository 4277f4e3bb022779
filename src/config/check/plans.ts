/**
 * Plans that the table does not have, where it has any or a limit asks for them; and limits of plans that could never
 * hold. A table without `plans` may name plans for `when` and templates alone.
 */
import { leastCost } from '../../policies/limit-cost.ts'
import { isCountable, uncountable } from '../../policies/rate-limit/core.ts'
import type { RateSpec } from '../../schema/limits.ts'
import { suggestion } from '../../schema/nearest.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'
import { type PlacedEntry, placedEntries } from './placed.ts'

export function checkPlans(table: RouteTable): Problem[] {
  const entries = placedEntries(table)
  const costs = entries.filter(isPlanned)
  return [
    ...unknownPlans(table, entries, costs.length > 0),
    ...spendings(table).flatMap(({ limits, path }) => checkLimits(limits, path, costs)),
  ]
}

/** A limit that takes what it allows from plans. */
function isPlanned({ entry }: PlacedEntry): boolean {
  return 'plan' in entry && entry.plan === true && entry.mode !== 'off'
}

function unknownPlans(
  table: RouteTable,
  entries: readonly PlacedEntry[],
  isAsked: boolean,
): Problem[] {
  const { plans, consumers = {} } = table
  if (plans === undefined && !isAsked) return []
  const known = new Set(Object.keys(plans ?? {}))
  const named = Object.entries(consumers).flatMap(([name, { plan }]) =>
    plan === undefined ? [] : [{ plan, path: ['consumers', name, 'plan'] as Path }],
  )
  const conditions = plans === undefined ? [] : entries.flatMap(plansOfWhen)
  return [...named, ...conditions].flatMap(({ plan, path }) =>
    known.has(plan) ? [] : [unknown(plan, path, known)],
  )
}

function plansOfWhen({ entry, path }: PlacedEntry) {
  const { when } = entry
  const consumer = when !== undefined && 'consumer' in when ? when.consumer : undefined
  return (consumer?.plans ?? []).map((plan, at) => ({
    plan,
    path: [...path, 'when', 'consumer', 'plans', at] as Path,
  }))
}

function unknown(plan: string, path: Path, known: ReadonlySet<string>): Problem {
  const listed = known.size === 0 ? '; the table has none' : `; known are ${[...known].join(', ')}`
  const meant = suggestion(plan, known) || listed
  return refused(path, 'PLAN_UNKNOWN', `unknown plan "${plan}"${meant}`, {
    found: JSON.stringify(plan),
    expected: 'a name of `plans`',
  })
}

/** All lists of limits that callers may have. */
function spendings({ plans = {}, consumers = {} }: RouteTable) {
  const lists = (
    kind: string,
    map: Readonly<Record<string, { limits?: readonly RateSpec[] | undefined }>>,
  ) =>
    Object.entries(map).map(([name, { limits = [] }]) => ({ limits, path: [kind, name, 'limits'] }))
  return [...lists('plans', plans), ...lists('consumers', consumers)]
}

function checkLimits(
  limits: readonly RateSpec[],
  path: Path,
  planned: readonly PlacedEntry[],
): Problem[] {
  return limits.flatMap((spec, index) => {
    const at = [...path, index]
    if (!isCountable(spec)) return [refused(at, 'LIMIT_NOT_COUNTABLE', uncountable(spec))]
    const { burst = spec.limit } = spec
    const costly = planned.find(
      ({ entry }) => entry.use === 'rate-limit' && leastCost(entry.cost) > burst,
    )
    if (costly === undefined) return []
    const place = `/${costly.path.join('/')}/cost`
    const message = `expected a bucket that holds what one request costs (${place}), found one of ${burst}: no request would ever pass`
    return [refused(at, 'LIMIT_BELOW_COST', message)]
  })
}
