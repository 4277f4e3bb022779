/** Judges the parts of a token, and reads of its claims who is calling (RFC 7519, RFC 8725). Pure. */
import { bindClaimCondition } from '../../identity/claim-condition.ts'
import { bindClaim, type Claims, namesOf } from '../../identity/claims.ts'
import { MAX_TOKEN_LENGTH } from '../../identity/token-memory.ts'
import type { BodyCondition } from '../../match/schema.ts'

/** Why a token is refused: for the operator's event alone. */
export type Fault =
  | 'token-twice'
  | 'token-too-long'
  | 'token-malformed'
  | 'issuer-unknown'
  | 'algorithm-denied'
  | 'critical-header'
  | 'key-unknown'
  | 'key-unusable'
  | 'signature-invalid'
  | 'type-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'issued-in-future'
  | 'audience-mismatch'
  | 'claim-invalid'
  | 'claim-mismatch'
  | 'subject-missing'

/** Three parts of base64url (RFC 7515 §7.1): no other character is even decoded. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export function judgeShape(token: string): Fault | null {
  if (token.length > MAX_TOKEN_LENGTH) return 'token-too-long'
  return COMPACT.test(token) ? null : 'token-malformed'
}

export type JudgedHeader =
  | { readonly kind: 'judged'; readonly alg: string; readonly kid: string | undefined }
  | { readonly kind: 'refused'; readonly fault: Fault }

/**
 * What the header asks for, if it may. No extension is understood, so none may be critical (RFC 7515 §4.1.11);
 * keys that it brings or names (`jwk`, `jku`, `x5u`, `x5c`) are not even looked at.
 */
export function judgeHeader(
  { alg, kid, crit, b64 }: Readonly<Record<string, unknown>>,
  algorithms: readonly string[],
): JudgedHeader {
  if (crit !== undefined || b64 !== undefined) return refused('critical-header')
  if (typeof alg !== 'string' || !algorithms.includes(alg)) return refused('algorithm-denied')
  if (kid !== undefined && typeof kid !== 'string') return refused('token-malformed')
  return { kind: 'judged', alg, kid }
}

/** When a token holds, in seconds since 1970; null where it does not say. */
export interface TokenTimes {
  readonly exp: number | null
  readonly nbf: number | null
}

/** The same bounds as at the first verification: at `exp` it is over, at `nbf` it holds (RFC 7519 §4.1.4). */
export function judgeTimes(
  { exp, nbf }: TokenTimes,
  nowSeconds: number,
  toleranceSeconds: number,
): Fault | null {
  if (nbf !== null && nbf > nowSeconds + toleranceSeconds) return 'not-yet-valid'
  return exp !== null && exp <= nowSeconds - toleranceSeconds ? 'expired' : null
}

/** Where in the claims the caller stands, and what must be there. */
export interface ClaimRules {
  readonly audience: readonly string[] | null
  /** The first that the token has counts. */
  readonly audienceClaims: readonly string[]
  readonly required: Readonly<Record<string, BodyCondition>>
  readonly toleranceSeconds: number
  readonly subjectClaim: string
  readonly rolesClaim: string
  /** The first that the token has counts. */
  readonly scopesClaims: readonly string[]
  readonly permissionsClaim: string
}

export type ReadClaims =
  | {
      readonly kind: 'read'
      readonly times: TokenTimes
      readonly subject: string
      readonly roles: readonly string[]
      readonly scopes: readonly string[]
      readonly permissions: readonly string[]
    }
  | { readonly kind: 'refused'; readonly fault: Fault }

// Clocks of issuers run ahead; a token that was made later than this was not made by a clock that can be trusted.
const LEAST_ISSUED_AHEAD_SECONDS = 60

/** Reads the claims of a token whose signature and times hold. */
export function bindClaims(rules: ClaimRules): (claims: Claims, nowSeconds: number) => ReadClaims {
  const required = Object.entries(rules.required).map(([name, condition]) => ({
    read: bindClaim(name),
    holds: bindClaimCondition(condition),
  }))
  const subjectOf = bindClaim(rules.subjectClaim)
  const rolesOf = bindClaim(rules.rolesClaim)
  const permissionsOf = bindClaim(rules.permissionsClaim)
  const scopesOf = rules.scopesClaims.map(bindClaim)
  const aheadSeconds = Math.max(LEAST_ISSUED_AHEAD_SECONDS, rules.toleranceSeconds)
  return function readClaims(claims, nowSeconds) {
    const { exp, nbf, iat } = claims
    if (typeof iat === 'number' && iat > nowSeconds + aheadSeconds) {
      return refused('issued-in-future')
    }
    if (!isForUs(claims, rules)) return refused('audience-mismatch')
    if (!required.every(({ read, holds }) => holds(read(claims)))) return refused('claim-mismatch')
    const subject = nameOf(subjectOf(claims))
    if (subject === null) return refused('subject-missing')
    return {
      kind: 'read',
      times: {
        exp: typeof exp === 'number' ? exp : null,
        nbf: typeof nbf === 'number' ? nbf : null,
      },
      subject,
      roles: namesOf(rolesOf(claims)),
      scopes: namesOf(firstOf(scopesOf, claims)),
      permissions: namesOf(permissionsOf(claims)),
    }
  }
}

/** RFC 7519 §4.1.3: one of the token's audiences must be one of ours. */
function isForUs(claims: Claims, { audience, audienceClaims }: ClaimRules): boolean {
  if (audience === null) return true
  const stated = firstOf(audienceClaims.map(bindClaim), claims)
  if (typeof stated === 'string') return audience.includes(stated)
  return Array.isArray(stated) && audience.some((one) => stated.includes(one))
}

function firstOf(reads: readonly ((claims: Claims) => unknown)[], claims: Claims): unknown {
  for (const read of reads) {
    const value = read(claims)
    if (value !== undefined) return value
  }
  return undefined
}

/** A caller has a name: text, or a whole number. */
function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  return Number.isSafeInteger(value) ? String(value) : null
}

function refused(fault: Fault): { readonly kind: 'refused'; readonly fault: Fault } {
  return { kind: 'refused', fault }
}
