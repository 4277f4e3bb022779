/**
 * Which entry of `consumers` a caller is (ROUTES.md §5). A caller is the pair of authority and subject, so the
 * same subject of two issuers is two callers, and a claim that a user can choose never takes another's entry.
 */
import type { Consumer } from '../pipeline/exchange.ts'
import type { ResolveConsumer } from '../pipeline/identify.ts'
import type { RouteTable } from './schema.ts'

const TOKEN = 'jwt:'

/** `issuers`: how many token issuers the whole table trusts. */
export function bindConsumers(table: RouteTable, issuers: number): ResolveConsumer {
  const entries = new Map(
    Object.entries(table.consumers ?? {}).map(([name, spec]) => {
      const { plan = null, roles = [], metadata = {} } = spec
      const consumer: Consumer = { name, plan, roles, metadata }
      return [name, { consumer, issuers: spec.issuers ?? null }] as const
    }),
  )
  return function resolveConsumer({ authority, subject, consumer, plan = null }) {
    // The record of a key names its consumer: the operator wrote both.
    if (consumer !== null) {
      const named = entries.get(consumer)?.consumer ?? unlisted(consumer)
      // A key's own plan says more than its consumer's: one consumer may have keys of several plans.
      return plan === null ? named : { ...named, plan }
    }
    const entry = entries.get(subject)
    if (entry === undefined) return null
    const issuer = authority.startsWith(TOKEN) ? authority.slice(TOKEN.length) : authority
    if (entry.issuers !== null) return entry.issuers.includes(issuer) ? entry.consumer : null
    // Without `issuers` an entry is of the one issuer that there is, or of credentials that the table itself holds.
    return authority.startsWith(TOKEN) && issuers > 1 ? null : entry.consumer
  }
}

/** A consumer that only a key names: it has the name and nothing else. */
function unlisted(name: string): Consumer {
  return { name, plan: null, roles: [], metadata: {} }
}
