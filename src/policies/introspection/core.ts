/** Reads the answer of an introspection endpoint (RFC 7662 §2.2), and whether it is good for this route. Pure. */

import { isObject } from '../../formats/json-object.ts'
import { parseJson } from '../../http/utf8.ts'
import { bindClaim, type Claims, namesOf } from '../../identity/claims.ts'

/** What is kept of an answer. */
export type Introspected =
  | { readonly kind: 'active'; readonly claims: Claims }
  | { readonly kind: 'inactive' }

/** Null where the answer is none: the endpoint is not what it should be. */
export function readAnswer(status: number, body: ArrayBuffer | null): Introspected | null {
  if (status !== 200 || body === null) return null
  const claims = parseObject(body)
  if (claims === null || typeof claims.active !== 'boolean') return null
  return claims.active ? { kind: 'active', claims } : { kind: 'inactive' }
}

function parseObject(body: ArrayBuffer): Claims | null {
  const parsed = parseJson(body)
  return parsed !== null && isObject(parsed.value) ? parsed.value : null
}

export interface KeepRules {
  readonly cacheSeconds: number
  readonly negativeCacheSeconds: number
}

/** For how many milliseconds an answer is taken without asking again: never past `exp`. */
export function keepMs(answer: Introspected, nowMs: number, rules: KeepRules): number {
  if (answer.kind === 'inactive') return rules.negativeCacheSeconds * 1000
  const { exp } = answer.claims
  const leftMs = typeof exp === 'number' ? exp * 1000 - nowMs : Number.POSITIVE_INFINITY
  return Math.max(0, Math.min(rules.cacheSeconds * 1000, leftMs))
}

export interface AnswerRules {
  /** Null where any will do. */
  readonly issuers: readonly string[] | null
  readonly audiences: readonly string[] | null
  readonly scopes: readonly string[]
  readonly consumerClaim: string
  readonly rolesClaim: string
  readonly scopesClaim: string
  readonly permissionsClaim: string
  /** Of callers whose answer has no `iss`. */
  readonly source: string
}

export type AnswerVerdict =
  | {
      readonly kind: 'accepted'
      readonly authority: string
      readonly subject: string
      readonly roles: readonly string[]
      readonly scopes: readonly string[]
      readonly permissions: readonly string[]
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'insufficient' }

export function bindJudge(
  rules: AnswerRules,
): (answer: Introspected, nowSeconds: number) => AnswerVerdict {
  const subjectOf = bindClaim(rules.consumerClaim)
  const rolesOf = bindClaim(rules.rolesClaim)
  const scopesOf = bindClaim(rules.scopesClaim)
  const permissionsOf = bindClaim(rules.permissionsClaim)
  return function judgeAnswer(answer, nowSeconds) {
    if (answer.kind === 'inactive') return refused('token-inactive')
    const { claims } = answer
    const { exp, nbf, iss } = claims
    if (typeof exp === 'number' && exp <= nowSeconds) return refused('token-expired')
    if (typeof nbf === 'number' && nbf > nowSeconds) return refused('token-not-yet-valid')
    if (!isOneOf(rules.issuers, [iss])) return refused('issuer-mismatch')
    if (!isOneOf(rules.audiences, [claims.aud].flat())) return refused('audience-mismatch')
    const subject = subjectOf(claims)
    if (typeof subject !== 'string' || subject === '') return refused('subject-missing')
    const scopes = namesOf(scopesOf(claims))
    if (!rules.scopes.every((scope) => scopes.includes(scope))) return { kind: 'insufficient' }
    const source = typeof iss === 'string' && iss !== '' ? iss : rules.source
    return {
      kind: 'accepted',
      authority: `introspection:${source}`,
      subject,
      roles: namesOf(rolesOf(claims)),
      scopes,
      permissions: namesOf(permissionsOf(claims)),
    }
  }
}

function isOneOf(expected: readonly string[] | null, found: readonly unknown[]): boolean {
  return expected === null || expected.some((one) => found.includes(one))
}

function refused(reason: string): AnswerVerdict {
  return { kind: 'refused', reason }
}

/** A name or secret as it stands in Basic credentials of a client (RFC 6749 §2.3.1). */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
