/** `authorize`: lets only callers pass who are known and have what the table asks for. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Exchange, Identity } from '../../pipeline/exchange.ts'
import {
  type BindContext,
  type Gate,
  type PolicyDefinition,
  passed,
} from '../../pipeline/policy.ts'
import { bindTemplate } from '../../template/template.ts'
import {
  bindClaimTest,
  bindConsumers,
  bindEquals,
  bindWanted,
  type Lack,
  scopeChallenge,
} from './core.ts'
import type { AuthorizeOptions, ClaimCondition, EqualsCondition, Wanted } from './schema.ts'

export const definition: PolicyDefinition<AuthorizeOptions> = {
  use: 'authorize',
  stage: 'permit',
  arity: 'many',
  summary:
    'Lets only callers pass who have the roles, scopes, permissions or claims that it names.',
  bind: bindAuthorize,
}

/** One requirement: whether this caller meets it on this request. */
interface Requirement {
  readonly met: (identity: Identity, exchange: Exchange) => boolean
  readonly denied: Refusal
}

function bindAuthorize(options: AuthorizeOptions, { challenges }: BindContext): Gate {
  const requirements = bindRequirements(options)
  const challenge = challenges.length === 0 ? 'Bearer' : [...new Set(challenges)].join(', ')
  const unknown = refuse('CREDENTIALS_MISSING', {
    headers: { 'www-authenticate': challenge },
    reason: 'credentials-missing',
  })
  return {
    kind: 'gate',
    judge: function authorize(exchange) {
      const { identity } = exchange
      if (identity === null) return unknown
      for (const { met, denied } of requirements) if (!met(identity, exchange)) return denied
      return passed
    },
  }
}

function bindRequirements(options: AuthorizeOptions): readonly Requirement[] {
  const { roles, scopes, permissions, consumers, claims = {} } = options
  const requirements: Requirement[] = []
  const add = (lack: Lack, met: Requirement['met']) => {
    requirements.push({ met, denied: deny(lack, scopes) })
  }
  if (consumers !== undefined) add('consumers', bindConsumers(consumers))
  if (roles !== undefined) {
    const has = bindWanted(roles)
    add('roles', (identity) => has(identity.roles))
  }
  if (permissions !== undefined) {
    const has = bindWanted(permissions)
    add('permissions', (identity) => has(identity.permissions))
  }
  for (const [name, condition] of Object.entries(claims)) add('claims', bindOne(name, condition))
  // Last: who lacks more than a scope gains nothing by asking for a token with it.
  if (scopes !== undefined) {
    const has = bindWanted(scopes)
    add('scopes', (identity) => has(identity.scopes))
  }
  return requirements
}

function bindOne(name: string, condition: ClaimCondition): Requirement['met'] {
  if (!isEquals(condition)) {
    const holds = bindClaimTest(name, condition)
    return ({ claims }) => holds(claims, '')
  }
  const template = bindTemplate(condition.equals, 'plain')
  const holds = bindEquals(name, condition)
  return function isEqual({ claims }, exchange) {
    const text = template.render(exchange)
    return typeof text === 'string' && holds(claims, text)
  }
}

function isEquals(condition: ClaimCondition): condition is EqualsCondition {
  return typeof condition === 'object' && condition !== null && 'equals' in condition
}

/** Says what kind of thing is missing, to the client and in the event; never what the caller has. */
function deny(lack: Lack, scopes: Wanted<string> | undefined): Refusal {
  const headers =
    lack === 'scopes' && scopes !== undefined
      ? { headers: { 'www-authenticate': scopeChallenge(scopes) } }
      : {}
  return refuse('PERMISSION_DENIED', { detail: details[lack], reason: lack, ...headers })
}

const details: Readonly<Record<Lack, string>> = {
  roles: 'The caller has not the roles that this needs.',
  scopes: 'The credential has not the scopes that this needs.',
  permissions: 'The caller has not the permissions that this needs.',
  consumers: 'This is for other consumers.',
  claims: 'What the credential says of the caller does not fit this request.',
}
