/**
 * Plans that the table does not have, where it has any or a limit asks for them; and limits of plans that could never
 * hold. A table without `plans` may name plans for `when` and templates alone.
 */
import { leastCost } from '../../policies/limit-cost.ts'
import { isCountable, uncountable } from '../../policies/rate-limit/core.ts'
import type { Spending } from '../../schema/limits.ts'
import { suggestion } from '../../schema/nearest.ts'
import type { Path } from '../json.ts'
import type { Problem } from '../problem.ts'
import type { RouteTable } from '../schema.ts'
import { refused } from './note.ts'
import { type PlacedEntry, placedEntries } from './placed.ts'
import { whensOf } from './whens.ts'

export function checkPlans(table: RouteTable): Problem[] {
  const entries = placedEntries(table)
  const costs = entries.filter(isPlanned)
  return [
    ...unknownPlans(table, entries, costs.length > 0),
    ...spendings(table).flatMap(({ spending, path }) => checkSpending(spending, path, costs)),
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
  const conditions = plans === undefined ? [] : entries.flatMap(plansOfWhens)
  return [...named, ...conditions].flatMap(({ plan, path }) =>
    known.has(plan) ? [] : [unknown(plan, path, known)],
  )
}

function plansOfWhens({ entry, path }: PlacedEntry) {
  return whensOf(entry).flatMap(({ when, path: place }) => {
    const consumer = 'consumer' in when ? when.consumer : undefined
    return (consumer?.plans ?? []).map((plan, at) => ({
      plan,
      path: [...path, ...place, 'consumer', 'plans', at] as Path,
    }))
  })
}

function unknown(plan: string, path: Path, known: ReadonlySet<string>): Problem {
  const listed = known.size === 0 ? '; the table has none' : `; known are ${[...known].join(', ')}`
  const meant = suggestion(plan, known) || listed
  return refused(path, 'PLAN_UNKNOWN', `unknown plan "${plan}"${meant}`, {
    found: JSON.stringify(plan),
    expected: 'a name of `plans`',
  })
}

/** What callers may spend, each with its place. */
function spendings({ plans = {}, consumers = {} }: RouteTable) {
  const placed = (kind: string, map: Readonly<Record<string, Spending>>) =>
    Object.entries(map).map(([name, spending]) => ({ spending, path: [kind, name] }))
  return [...placed('plans', plans), ...placed('consumers', consumers)]
}

function checkSpending(
  { limits = [], quotas = [] }: Spending,
  path: Path,
  planned: readonly PlacedEntry[],
): Problem[] {
  const rates = limits.flatMap((spec, index) => {
    const at = [...path, 'limits', index]
    return isCountable(spec)
      ? checkCost(spec.burst ?? spec.limit, at, planned, 'rate-limit')
      : [refused(at, 'LIMIT_NOT_COUNTABLE', uncountable(spec))]
  })
  const periods = quotas.flatMap(({ limit }, index) =>
    checkCost(limit, [...path, 'quotas', index], planned, 'quota'),
  )
  return [...rates, ...periods]
}

/** A bucket has to hold what a request costs any policy that draws on it. */
function checkCost(
  most: number,
  at: Path,
  planned: readonly PlacedEntry[],
  use: 'rate-limit' | 'quota',
): Problem[] {
  const costly = planned.find(({ entry }) => entry.use === use && leastCost(entry.cost) > most)
  if (costly === undefined) return []
  const place = `/${costly.path.join('/')}/cost`
  const message = `expected a bucket that holds what one request costs (${place}), found one of ${most}: no request would ever pass`
  return [refused(at, 'LIMIT_BELOW_COST', message)]
}
