/**
 * What `GET /_gateway/usage` asks of a table: who is calling, by any of its identity policies, and what the limits
 * that count a consumer alone hold of it. Bound on the first such request: a table that is never asked pays nothing.
 */
import type { Claim } from '../buckets/claims.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { type AsksCaller, bindCaller } from '../pipeline/caller.ts'
import type { Exchange, Identity } from '../pipeline/exchange.ts'
import { identityOf, type ResolveConsumer } from '../pipeline/identify.ts'
import type { Authentication, BoundPolicy, Caller, Identify, Limit } from '../pipeline/policy.ts'
import { type PolicyEntry, registry } from '../policies/registry.ts'
import type { CallerSpec } from '../policies/schema.ts'
import { distinctPolicies } from './distinct-policies.ts'
import { entriesOf, issuersOf } from './entries.ts'
import type { ChosenPolicy } from './policies.ts'
import type { RouteTable } from './schema.ts'

export type Known = { readonly kind: 'known'; readonly identity: Identity } | Refusal

/** One bucket that counts a caller. */
export interface UsageClaim {
  readonly claim: Claim
  /** The route whose own limit it is; null where routes share it. */
  readonly route: string | null
}

export interface TableUsage {
  /** False where no policy of the table knows callers. */
  readonly knowsCallers: boolean
  /** Who is calling, by the first identity policy that verifies the request. */
  authenticate(exchange: Exchange): Promise<Known>
  /** The caller that this consumer is for an authority, with the plan that its credential has. */
  identityOf(consumer: string, authority: string, plan: string | null): Identity
  /** Authorities that may vouch for a consumer of this name, as far as the table tells; `key` first. */
  authoritiesOf(consumer: string): readonly string[]
  /** What is counted for a caller, in the order of the table. */
  claimsOf(exchange: Exchange, identity: Identity): readonly UsageClaim[]
}

export interface UsageParts {
  readonly table: RouteTable
  readonly resolve: ResolveConsumer
  /** Binds a policy for no route in particular; null where this Worker lacks what it needs. */
  bind(policy: ChosenPolicy): BoundPolicy | null
}

export function bindUsage(parts: UsageParts): () => TableUsage {
  let bound: TableUsage | null = null
  return function usage() {
    bound ??= bindNow(parts)
    return bound
  }
}

function bindNow({ table, resolve, bind }: UsageParts): TableUsage {
  const chosen = enforced(table)
  const identities = oncePerContent(chosen).flatMap((policy) => {
    const bound = identifies(policy) ? bind(policy) : null
    return bound?.kind === 'identify' ? [bound] : []
  })
  const limits = chosen.flatMap((policy) => {
    const bound = countsConsumers(policy) ? bind(policy) : null
    return bound?.kind === 'limit' ? [bindUsageLimit(policy, bound)] : []
  })
  const callerOf = (subject: string, authority: string, plan: string | null) => ({
    authority,
    subject,
    claims: {},
    roles: [],
    scopes: [],
    permissions: [],
    consumer: authority === 'key' ? subject : null,
    plan,
  })
  const authorities = authoritiesIn(table)
  return {
    knowsCallers: identities.length > 0,
    async authenticate(exchange) {
      const known = await askInTurn(exchange, identities)
      if (known.kind === 'refused') return known
      return { kind: 'known', identity: identityOf(known.caller, resolve) }
    },
    identityOf: (consumer, authority, plan) =>
      identityOf(callerOf(consumer, authority, plan), resolve),
    authoritiesOf: (consumer) =>
      authorities.filter((authority) => resolve(callerOf(consumer, authority, null)) !== null),
    claimsOf(exchange, identity) {
      const asked: Exchange = { ...exchange, identity }
      return limits.flatMap((limit) => limit(asked))
    },
  }
}

/** What all routes enforce, each once: one that stands in defaults or a set is one bucket for all of its routes. */
function enforced(table: RouteTable): readonly ChosenPolicy[] {
  return distinctPolicies(table).filter(({ entry }) => (entry.mode ?? 'enforce') === 'enforce')
}

/** The same policy, written out on many routes, is asked once. */
function oncePerContent(policies: readonly ChosenPolicy[]): readonly ChosenPolicy[] {
  const seen = new Map<string, ChosenPolicy>()
  for (const policy of policies) {
    const { name: _, when: __, ...content } = policy.entry as PolicyEntry & { when?: unknown }
    const key = JSON.stringify(content)
    if (!seen.has(key)) seen.set(key, policy)
  }
  return [...seen.values()]
}

function identifies({ entry }: ChosenPolicy): boolean {
  return registry[entry.use].stage === 'identify'
}

/** Rates and quotas whose key is the caller and nothing else: what they hold is about nobody else. */
function countsConsumers({ entry }: ChosenPolicy): boolean {
  if (!counted.has(entry.use)) return false
  const { by } = entry as { readonly by?: readonly string[] | undefined }
  return by === undefined || (by.length === 1 && by[0] === 'consumer')
}

const counted: ReadonlySet<string> = new Set(['rate-limit', 'quota'])

/** What one limit counts of a caller; nothing where it is not meant for this one, or says not what it may have. */
function bindUsageLimit(
  { entry, from, id }: ChosenPolicy,
  limit: Limit,
): (exchange: Exchange) => readonly UsageClaim[] {
  const when = entry.when as { readonly consumer?: CallerSpec | undefined } | undefined
  const isMeant: AsksCaller | null = when?.consumer === undefined ? null : bindCaller(when.consumer)
  const route = from === 'route' ? id.slice('route:'.length, id.lastIndexOf('/')) : null
  return function claimsOf(exchange) {
    if (isMeant !== null && !isMeant(exchange.identity)) return []
    const claims = limit.claims(exchange)
    return 'kind' in claims ? [] : claims.map((claim) => ({ claim, route }))
  }
}

type Asked = { readonly kind: 'verified'; readonly caller: Caller } | Refusal

/**
 * A credential may be good for one policy and bad for another that reads the same place, so a bad one is only
 * refused when nobody takes it; and only when nobody is away who might have.
 */
async function askInTurn(exchange: Exchange, identities: readonly Identify[]): Promise<Asked> {
  let refused: Refusal | null = null
  let unavailable: Refusal | null = null
  for (const identity of identities) {
    const found: Authentication = await identity.authenticate(exchange)
    if (found.kind === 'verified') return found
    if (found.kind === 'refused') refused ??= found.refusal
    if (found.kind === 'unavailable') unavailable ??= found.refusal
  }
  return unavailable ?? refused ?? refuse('CREDENTIALS_MISSING', challengeWith(identities))
}

function challengeWith(identities: readonly Identify[]) {
  const challenges = identities.map(({ challenge }) => challenge).filter((text) => text !== '')
  if (challenges.length === 0) return {}
  return { headers: { 'www-authenticate': [...new Set(challenges)].join(', ') } }
}

/** Those that the table itself names; a service or a certificate may vouch under others. */
function authoritiesIn(table: RouteTable): readonly string[] {
  const uses = new Set(entriesOf(table).map(({ use }) => use))
  return [
    ...(uses.has('api-key') ? ['key'] : []),
    ...(uses.has('basic-auth') ? ['basic'] : []),
    ...(uses.has('hmac') ? ['hmac'] : []),
    ...issuersOf(table).map((issuer) => `jwt:${issuer}`),
  ]
}
