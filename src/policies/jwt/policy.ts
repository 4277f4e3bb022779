/** `jwt`: knows callers by tokens that an issuer signed (RFC 7519, RFC 6750). */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { bindForward, reservedBy } from '../../identity/forward.ts'
import {
  forgetToken,
  recallToken,
  rememberToken,
  type TokenKey,
} from '../../identity/token-memory.ts'
import { bindTokenPlaces, nameOfPlaces } from '../../identity/token-places.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  Caller,
  CredentialPlace,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import {
  bindClaims,
  type ClaimRules,
  type Fault,
  judgeShape,
  judgeTimes,
  type TokenTimes,
} from './core.ts'
import type { JwtOptions } from './schema.ts'
import { bindTrusts, profileIn, trustedIssuers } from './trust.ts'
import { type Verification, verifyToken } from './verify.ts'

export const definition: PolicyDefinition<JwtOptions> = {
  use: 'jwt',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by signed tokens of an issuer (JWT, OpenID Connect).',
  bind: bindJwt,
  issuers: trustedIssuers,
  reserves: ({ forward }) => reservedBy(forward),
}

const MEMORY = 'jwt:tokens'
// A token without `exp` holds for ever, and is verified again each hour.
const MOST_REMEMBERED_MS = 3_600_000

const bearer = { header: 'authorization', prefix: 'Bearer' }
const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
const invalid = refuse('CREDENTIALS_INVALID', { headers })
const expired = refuse('JWT_EXPIRED', { headers })

/** What is known of a token that this policy accepted once. */
interface Accepted {
  readonly times: TokenTimes
  readonly caller: Caller
  readonly forward: Readonly<Record<string, string>>
}

function bindJwt(options: JwtOptions, context: BindContext): Identify {
  const { clockToleranceSeconds: toleranceSeconds = 0, passOn, typ } = options
  const rules = { trusts: bindTrusts(options, context), typ, toleranceSeconds }
  const read = bindTokenPlaces(options.from, bearer)
  const readClaims = bindClaims(claimRules(options, toleranceSeconds))
  const forward = bindForward(options.forward)
  const by = memoryNameOf(options)

  function accept(
    verification: Extract<Verification, { kind: 'verified' }>,
    nowSeconds: number,
  ): Accepted | Fault {
    const { claims, authority } = verification
    const found = readClaims(claims, nowSeconds)
    if (found.kind === 'refused') return found.fault
    const { times, subject, roles, scopes, permissions } = found
    const caller = { authority, subject, claims, roles, scopes, permissions, consumer: null }
    return { times, caller, forward: forward(claims) }
  }

  async function verify(
    { ports, startedAt }: Exchange,
    key: TokenKey,
    place: CredentialPlace,
  ): Promise<Authentication> {
    const nowSeconds = Math.floor(startedAt / 1000)
    const verification = await verifyToken(ports, key.token, rules, nowSeconds)
    if (verification.kind === 'unavailable') return unavailable(verification.retryAfterSeconds)
    if (verification.kind === 'refused') return refused(verification.fault)
    const accepted = accept(verification, nowSeconds)
    if (typeof accepted === 'string') return refused(accepted)
    const until = Math.min(
      verification.freshUntil,
      startedAt + MOST_REMEMBERED_MS,
      ((accepted.times.exp ?? Number.POSITIVE_INFINITY) + toleranceSeconds) * 1000,
    )
    rememberToken(ports.memories, { ...key, now: startedAt }, { value: accepted, until })
    return verified(accepted, place, passOn)
  }

  return {
    kind: 'identify',
    optional: options.optional ?? false,
    challenge: 'Bearer',
    reads: nameOfPlaces(options.from, bearer),
    authenticate: function jwt(exchange) {
      const found = read(exchange)
      if (found.kind === 'absent') return found
      if (found.kind === 'twice') return refused('token-twice')
      const { token, place } = found
      const { memories } = exchange.ports
      const key = { name: MEMORY, token, by }
      const now = exchange.startedAt
      const known = recallToken<Accepted>(memories, { ...key, now })
      if (known !== undefined) {
        const fault = judgeTimes(known.times, Math.floor(now / 1000), toleranceSeconds)
        if (fault === null) return verified(known, place, passOn)
        forgetToken(memories, key)
        return refused(fault)
      }
      const fault = judgeShape(token)
      return fault === null ? verify(exchange, key, place) : refused(fault)
    },
  }
}

function verified(
  { caller, forward }: Accepted,
  place: CredentialPlace,
  passOn: boolean | undefined,
): Authentication {
  const goesOn = passOn ?? place.in === 'header'
  return { kind: 'verified', caller, spent: goesOn ? none : [place], forward }
}

const none: readonly CredentialPlace[] = []

function refused(fault: Fault): Authentication {
  const refusal: Refusal = fault === 'expired' ? expired : invalid
  // Another issuer's, or no JWT at all: what an `introspection` beside this one may know.
  const isForeign = fault === 'issuer-unknown' || fault === 'token-malformed'
  return { kind: 'refused', refusal, reason: fault, ...(isForeign ? { foreign: true } : {}) }
}

function unavailable(retryAfterSeconds: number): Authentication {
  const refusal = refuse('IDENTITY_UNAVAILABLE', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })
  return { kind: 'unavailable', refusal, reason: 'keys-unavailable' }
}

function claimRules(options: JwtOptions, toleranceSeconds: number): ClaimRules {
  const profile = profileIn(options)
  const { audience, scopesClaim } = options
  return {
    audience: audience === undefined ? null : [audience].flat(),
    audienceClaims: profile?.audienceClaims ?? ['aud'],
    required: options.requiredClaims ?? {},
    toleranceSeconds,
    subjectClaim: options.consumerClaim ?? 'sub',
    rolesClaim: options.rolesClaim ?? profile?.rolesClaim ?? 'roles',
    scopesClaims: scopesClaim === undefined ? ['scope', 'scp'] : [scopesClaim],
    permissionsClaim: options.permissionsClaim ?? profile?.permissionsClaim ?? 'permissions',
  }
}

/** All that decides whether a token is accepted, and what is read of it; where it stands does not. */
function memoryNameOf({ name, mode, when, from, optional, passOn, ...rest }: JwtOptions): string {
  return JSON.stringify(rest)
}
