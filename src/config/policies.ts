/**
 * Which policies a route runs, and in which order: defaults ▸ sets ▸ route, `skip`, `one` and `many`, then the
 * stages (ROUTES.md §1). Pure; binding is compile's.
 */
import { stages } from '../pipeline/order.ts'
import { type PolicyEntry, registry } from '../policies/registry.ts'
import type { RouteSpec, RouteTable } from './schema.ts'

export interface ChosenPolicy {
  readonly entry: PolicyEntry
  readonly name: string
  /** JSON Pointer of the entry in the document. */
  readonly pointer: string
  /** Names the entry wherever it is used: `defaults/<name>`, `set:<set>/<name>`, `route:<route>/<name>`. */
  readonly id: string
  /** `defaults`, `set <name>` or `route`. */
  readonly from: string
}

/** The policies of a route in the order in which they run, `mode: "off"` left out. */
export function choosePolicies(table: RouteTable, route: RouteSpec, index: number): ChosenPolicy[] {
  return listPolicies(table, route, index).filter(isOn)
}

/** The same with those that are off; among them are stand-ins of policies that a missing variable takes out. */
export function listPolicies(table: RouteTable, route: RouteSpec, index: number): ChosenPolicy[] {
  const skipped = new Set(route.skip ?? [])
  const defaults = expandDefaults(table).filter(
    ({ entry }) =>
      !skipped.has(entry.use) && !(entry.name !== undefined && skipped.has(entry.name)),
  )
  const own = expand(table, route.policies, {
    pointer: `/routes/${index}/policies`,
    from: 'route',
    id: `route:${route.name}`,
  })
  return arrange([...defaults, ...own])
}

/** The policies of `defaults` alone: what 400, 404 and 405 run. */
export function chooseDefaults(table: RouteTable): ChosenPolicy[] {
  return arrange(expandDefaults(table)).filter(isOn)
}

export function isOn({ entry }: Unnamed): boolean {
  return entry.mode !== 'off'
}

type Unnamed = Omit<ChosenPolicy, 'name'>

function expandDefaults(table: RouteTable): Unnamed[] {
  const place = { pointer: '/defaults/policies', from: 'defaults', id: 'defaults' }
  return expand(table, table.defaults?.policies, place)
}

type Place = Pick<Unnamed, 'pointer' | 'from' | 'id'>

function expand(
  table: RouteTable,
  list: readonly (string | PolicyEntry)[] | undefined,
  { pointer, from, id }: Place,
): Unnamed[] {
  const count = makeCount()
  return (list ?? []).flatMap((item, index) => {
    if (typeof item !== 'string') {
      const own = `${id}/${item.name ?? count(item.use)}`
      return [{ entry: item, pointer: `${pointer}/${index}`, from, id: own }]
    }
    const countInSet = makeCount()
    return policySet(table, item).map((entry, at) => ({
      entry,
      pointer: `/policySets/${item}/${at}`,
      from: `set ${item}`,
      id: `set:${item}/${entry.name ?? countInSet(entry.use)}`,
    }))
  })
}

/** `rate-limit-1`, `rate-limit-2` …, counted in one list. */
function makeCount(): (use: string) => string {
  const counts = new Map<string, number>()
  return function countUse(use) {
    const count = (counts.get(use) ?? 0) + 1
    counts.set(use, count)
    return `${use}-${count}`
  }
}

/** The policies of a set; none where the table has no set of this name, be it `constructor`. */
export function policySet({ policySets = {} }: RouteTable, name: string): readonly PolicyEntry[] {
  return (Object.hasOwn(policySets, name) ? policySets[name] : undefined) ?? []
}

function arrange(list: readonly Unnamed[]): ChosenPolicy[] {
  const count = makeCount()
  const kept = list.filter(
    ({ entry }, index) =>
      registry[entry.use].arity === 'many' ||
      !list.some((later, at) => at > index && later.entry.use === entry.use),
  )
  const named = kept.map((item) => {
    // Counted for named ones too: a name given to one does not rename the others.
    const counted = count(item.entry.use)
    return { ...item, name: item.entry.name ?? counted }
  })
  return named.sort((a, b) => stageOf(a) - stageOf(b))
}

function stageOf({ entry }: Unnamed): number {
  return stages.indexOf(registry[entry.use].stage)
}
