/**
 * Which entry of `consumers` a caller is (ROUTES.md §5). A caller is the pair of authority and subject, so the
 * same subject of two issuers is two callers, and a claim that a user can choose never takes another's entry.
 */
import type { Consumer } from '../pipeline/exchange.ts'
import type { ResolveConsumer } from '../pipeline/identify.ts'
import type { RouteTable } from './schema.ts'

/** `issuers`: how many token issuers the whole table trusts. */
export function bindConsumers(table: RouteTable, issuers: number): ResolveConsumer {
  const entries = new Map(
    Object.entries(table.consumers ?? {}).map(
      ([name, spec]) =>
        [name, { consumer: consumerOf(name, spec), issuers: spec.issuers ?? null }] as const,
    ),
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
    if (entry.issuers !== null) {
      return entry.issuers.some((issuer) => isAuthority(issuer, authority)) ? entry.consumer : null
    }
    // Without `issuers` an entry is of the one issuer that there is, or of credentials that the table itself holds.
    return isToken(authority) && issuers > 1 ? null : entry.consumer
  }
}

/** The entry `anonymous`: what callers without a plan may have; null where there is none. */
export function anonymousOf({ consumers = {} }: RouteTable): Consumer | null {
  const spec = Object.hasOwn(consumers, 'anonymous') ? consumers.anonymous : undefined
  return spec === undefined ? null : consumerOf('anonymous', spec)
}

type ConsumerSpec = NonNullable<RouteTable['consumers']>[string]

function consumerOf(name: string, spec: ConsumerSpec): Consumer {
  const { plan = null, roles = [], metadata = {}, limits, quotas } = spec
  const own = limits === undefined && quotas === undefined ? {} : { spending: { limits, quotas } }
  return { name, plan, roles, metadata, ...own }
}

/** A consumer that only a key names: it has the name and nothing else. */
function unlisted(name: string): Consumer {
  return { name, plan: null, roles: [], metadata: {} }
}

/** Authorities that vouch for callers of their own, whom the table does not hold. */
const foreign = ['jwt:', 'introspection:', 'external:'] as const

function isToken(authority: string): boolean {
  return foreign.some((kind) => authority.startsWith(kind))
}

/** Words of `issuers` that are authorities already, and so never the issuer of a token. */
export const authorityForm = /^(?:key|basic|hmac)$|^(?:jwt|introspection|external|mtls|hmac):/

/** Whether a word of `issuers` is this authority: the issuer of a token is short for `jwt:<issuer>`. */
export function isAuthority(issuer: string, authority: string): boolean {
  return authority === (authorityForm.test(issuer) ? issuer : `jwt:${issuer}`)
}
