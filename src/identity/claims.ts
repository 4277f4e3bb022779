/** Reads values of verified claims: by name, or by JSON Pointer for those within others (RFC 6901). Pure. */
import { bindPointer } from '../match/json-pointer.ts'

export type Claims = Readonly<Record<string, unknown>>

/** Reads the claim of this name; a name that starts with "/" is a JSON Pointer. Undefined where there is none. */
export function bindClaim(name: string): (claims: Claims) => unknown {
  if (name.startsWith('/')) return bindPointer(name)
  return (claims) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
}

/** A list of names, as an array of strings or as words between spaces (RFC 6749 §3.3); else empty. */
export function namesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ').filter((name) => name !== '')
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
