/** All policies that stand in a table, wherever: what some of them ask for holds for the whole of it. */
import { spelling } from '../http/headers.ts'
import type { PolicyDefinition } from '../pipeline/policy.ts'
import { type PolicyEntry, registry } from '../policies/registry.ts'
import { listUpstreams } from '../upstreams/listed.ts'
import type { RouteTable } from './schema.ts'

/** Every entry in defaults, sets and routes, and those within others (`any-of`); `mode` and `skip` change nothing. */
export function entriesOf(table: RouteTable): readonly PolicyEntry[] {
  const lists = [
    table.defaults?.policies ?? [],
    ...Object.values(table.policySets ?? {}),
    ...table.routes.map((route) => route.policies ?? []),
  ]
  return lists.flat().flatMap((entry) => (typeof entry === 'string' ? [] : withInner(entry)))
}

function withInner(entry: PolicyEntry): readonly PolicyEntry[] {
  const inner = 'policies' in entry ? (entry.policies as readonly PolicyEntry[]) : []
  return [entry, ...inner.flatMap(withInner)]
}

/** The definition that takes this entry's options: the registry pairs each `use` with its own. */
export function definitionOf(entry: PolicyEntry): PolicyDefinition<PolicyEntry> {
  return registry[entry.use] as unknown as PolicyDefinition<PolicyEntry>
}

/** Inbound field names that only the gateway may write, in their one spelling (ROUTES.md §5, `forward`). */
export function reservedNames(table: RouteTable): ReadonlySet<string> {
  const names = [
    ...entriesOf(table).flatMap((entry) => definitionOf(entry).reserves?.(entry) ?? []),
    ...tokenFields(table),
  ]
  return new Set(names.map(spelling))
}

/** Where an upstream takes the gateway's token in a field of its own: a client may not write it anywhere. */
function tokenFields(table: RouteTable): readonly string[] {
  const fields = listUpstreams(table).flatMap(({ auth }) => auth?.sign?.header ?? [])
  return fields.filter((field) => field.toLowerCase() !== 'authorization')
}

/** The token issuers that the table trusts, each once. */
export function issuersOf(table: RouteTable): readonly string[] {
  const all = entriesOf(table).flatMap((entry) => definitionOf(entry).issuers?.(entry) ?? [])
  return [...new Set(all)]
}

/** How many sources of tokens the table trusts: issuers, and services that say who a caller is. */
export function countTokenSources(table: RouteTable): number {
  const services = entriesOf(table).filter(
    (entry) =>
      sayWhoCalls.has(entry.use) && (definitionOf(entry).issuers?.(entry) ?? []).length === 0,
  )
  // One that stands on several routes is one source.
  return issuersOf(table).length + new Set(services.map((entry) => JSON.stringify(entry))).size
}

const sayWhoCalls: ReadonlySet<string> = new Set(['introspection', 'external-auth'])
