/** What a token of the gateway says of the one who called (RFC 7519; `act` of RFC 8693 §4.1). Pure. */
import type { Identity } from '../../pipeline/exchange.ts'

export interface TokenRules {
  readonly issuer: string
  readonly audience: string
  /** Claims of the caller to carry; the schema keeps the gateway's own names out. */
  readonly claims: readonly string[]
}

/** Everything but time and identifier: tokens of the same words may stand for each other. */
export type TokenWords = Readonly<Record<string, unknown>>

const TOKEN = 'jwt:'

/**
 * `act` is there for a known caller only, and names it in full: authority and subject, since two issuers may
 * have the same subject. An anonymous caller's token has its route as subject, and no `act`.
 */
export function describeCaller(
  identity: Identity | null,
  route: string,
  { issuer, audience, claims }: TokenRules,
): TokenWords {
  const words: Record<string, unknown> = { iss: issuer, aud: audience }
  if (identity === null) return { ...words, sub: `route:${route}` }
  const { authority, subject, consumer, roles, scopes } = identity
  words.sub = subject
  words.act = authority.startsWith(TOKEN)
    ? { sub: subject, iss: authority.slice(TOKEN.length), authority }
    : { sub: subject, authority }
  if (consumer !== null) words.consumer = consumer.name
  if (consumer !== null && consumer.plan !== null) words.plan = consumer.plan
  if (roles.length > 0) words.roles = roles
  if (scopes.length > 0) words.scopes = scopes
  // Defined, not assigned: a claim named `__proto__` is a claim.
  for (const name of claims) {
    if (!Object.hasOwn(identity.claims, name)) continue
    const value = identity.claims[name]
    Object.defineProperty(words, name, { value, enumerable: true })
  }
  return words
}
