/** All policies that stand in a table, wherever: what some of them ask for holds for the whole of it. */
import type { PolicyDefinition } from '../pipeline/policy.ts'
import { type PolicyEntry, registry } from '../policies/registry.ts'
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

/** Inbound field names that only the gateway may write, with their twins (ROUTES.md §5, `forward`). */
export function reservedNames(table: RouteTable): ReadonlySet<string> {
  const names = entriesOf(table).flatMap((entry) => definitionOf(entry).reserves?.(entry) ?? [])
  return new Set(names.flatMap((name) => twinsOf(name.toLowerCase())))
}

/** A service behind CGI reads `-` and `_` as one: each spelling of the name counts. */
function twinsOf(name: string): readonly string[] {
  return [name, name.replaceAll('-', '_'), name.replaceAll('_', '-')]
}

/** The token issuers that the table trusts, each once. */
export function issuersOf(table: RouteTable): readonly string[] {
  const all = entriesOf(table).flatMap((entry) => definitionOf(entry).issuers?.(entry) ?? [])
  return [...new Set(all)]
}
