/**
 * `forward`: claims of a verified caller as header fields for the service. Different values never look the
 * same there: what is not visible ASCII, and "%" itself, is percent-encoded as UTF-8.
 */
import { bindClaim, type Claims } from './claims.ts'

/** Claim → field name. */
export type Forward = Readonly<Record<string, string>>

/** The fields of these claims by lower-case name; a claim that is absent, null or too long gives none. */
export function bindForward(forward: Forward | undefined): (claims: Claims) => Forward {
  const pairs = Object.entries(forward ?? {}).map(
    ([claim, field]) => [bindClaim(claim), field.toLowerCase()] as const,
  )
  if (pairs.length === 0) return () => nothing
  return function forwardClaims(claims) {
    const fields = Object.create(null) as Record<string, string>
    for (const [read, field] of pairs) {
      const value = fieldValueOf(read(claims))
      if (value !== null) fields[field] = value
    }
    return fields
  }
}

/** The names that a `forward` reserves in the whole table. */
export function reservedBy(forward: Forward | undefined): readonly string[] {
  return Object.values(forward ?? {}).map((field) => field.toLowerCase())
}

const nothing: Forward = Object.freeze(Object.create(null) as Record<string, string>)

const MAX_LENGTH = 4096 // Services refuse header sections of 8 KiB and more (Node: 16, nginx: 8).

function fieldValueOf(claim: unknown): string | null {
  if (claim === undefined || claim === null) return null
  const value = visible(textOf(claim))
  return value.length > MAX_LENGTH ? null : value
}

/** A list of names is joined by ","; anything deeper is JSON. */
function textOf(claim: unknown): string {
  if (typeof claim === 'string') return claim
  const isFlat = Array.isArray(claim) && claim.every((item) => typeof item !== 'object')
  return isFlat ? claim.join(',') : JSON.stringify(claim)
}

function visible(value: string): string {
  return value
    .toWellFormed()
    .replace(/[^\x20-\x7e]|%/gu, (character) => encodeURIComponent(character))
}
