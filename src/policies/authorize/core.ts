/**
 * Decides whether a known caller may pass. Every requirement must hold; a name means nothing by itself, `admin`
 * neither. Pure.
 */
import { bindClaimCondition } from '../../identity/claim-condition.ts'
import { bindClaim, type Claims } from '../../identity/claims.ts'
import type { BodyCondition } from '../../match/schema.ts'
import type { Identity } from '../../pipeline/exchange.ts'
import type { ConsumerRef, EqualsCondition, Wanted } from './schema.ts'

/** What the caller lacks, or null. */
export type Lack = 'roles' | 'scopes' | 'permissions' | 'consumers' | 'claims'

/** Whether a list has what is wanted of it. */
export function bindWanted(wanted: Wanted<string>): (owned: readonly string[]) => boolean {
  const needed = namesIn(wanted)
  return Array.isArray(wanted)
    ? (owned) => needed.some((name) => owned.includes(name))
    : (owned) => needed.every((name) => owned.includes(name))
}

/** The names, whether one or all of them are wanted. */
export function namesIn<T>(wanted: Wanted<T>): readonly T[] {
  return 'all' in wanted ? wanted.all : wanted
}

/** Whether the caller is the consumer, or one of them. */
export function bindConsumers(wanted: Wanted<ConsumerRef>): (identity: Identity) => boolean {
  const refs = namesIn(wanted)
  return Array.isArray(wanted)
    ? (identity) => refs.some((ref) => isCaller(ref, identity))
    : (identity) => refs.every((ref) => isCaller(ref, identity))
}

/** A name is that of an entry of `consumers`, never a subject: any issuer may give any subject to anyone. */
function isCaller(ref: ConsumerRef, { authority, subject, consumer }: Identity): boolean {
  if (typeof ref === 'string') return consumer?.name === ref
  return ref.authority === authority && ref.subject === subject
}

/** Whether a claim holds; `text` is what `equals` comes to for this request, and is empty for other conditions. */
export type ClaimTest = (claims: Claims, text: string) => boolean

export function bindClaimTest(name: string, condition: BodyCondition): ClaimTest {
  const read = bindClaim(name)
  const holds = bindClaimCondition(condition)
  return (claims) => holds(read(claims))
}

export function bindEquals(name: string, { asText = false }: EqualsCondition): ClaimTest {
  const read = bindClaim(name)
  return function isEqual(claims, text) {
    // What is missing in the request is nobody's.
    if (text === '') return false
    const claim = read(claims)
    return Array.isArray(claim)
      ? claim.some((member) => isSame(member, text, asText))
      : isSame(claim, text, asText)
  }
}

/** Types compare exactly unless the table says otherwise: 1 is not "1". */
function isSame(claim: unknown, text: string, asText: boolean): boolean {
  if (typeof claim === 'string') return claim === text
  return asText && (typeof claim === 'number' || typeof claim === 'boolean') && `${claim}` === text
}

/** The challenge to a caller whose token lacks scopes (RFC 6750 §3.1). */
export function scopeChallenge(wanted: Wanted<string>): string {
  return `Bearer error="insufficient_scope", scope="${namesIn(wanted).join(' ')}"`
}
