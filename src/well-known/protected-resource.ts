/**
 * `/.well-known/oauth-protected-resource`: where a client gets a token for this API, and how it sends it
 * (RFC 9728 §2). Served once a policy of the table verifies bearer tokens.
 */
import { PROTECTED_RESOURCE_PATH } from '../http/well-known.ts'
import {
  answerDocument,
  type WellKnownDocument,
  type WellKnownEntry,
  type WellKnownParts,
} from './document.ts'

export const protectedResource: WellKnownDocument = {
  path: PROTECTED_RESOURCE_PATH,
  bind(parts) {
    const bearers = parts.entries.filter(({ use }) => use === 'jwt' || use === 'introspection')
    if (bearers.length === 0) return null
    const rest = describe(parts, bearers)
    return function answerProtectedResource(exchange) {
      const { scheme, authority } = exchange.target
      // RFC 9728 §3.3: the resource is the one that the client took this path from.
      return answerDocument(exchange, { resource: `${scheme}://${authority}`, ...rest })
    }
  },
}

function describe({ entries, issuers }: WellKnownParts, bearers: readonly WellKnownEntry[]) {
  const servers = issuers.filter((issuer) => /^https?:\/\//.test(issuer))
  const scopes = [...new Set(entries.flatMap(scopesOf))]
  return {
    // RFC 9728 §3.2: members without elements are left out.
    ...(servers.length === 0 ? {} : { authorization_servers: servers }),
    bearer_methods_supported: [...new Set(bearers.flatMap(methodsOf))],
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
  }
}

type Written = Readonly<Record<string, unknown>>

/** Where the token may stand, in the words of RFC 6750 §2; a cookie is no method of it. */
function methodsOf(entry: WellKnownEntry): readonly string[] {
  const { from } = entry as unknown as Written
  if (from === undefined) return ['header']
  return [from].flat().flatMap((place) => {
    if ('header' in (place as object)) return ['header']
    return 'query' in (place as object) ? ['query'] : []
  })
}

/** The scopes that an `authorize` asks for. */
function scopesOf(entry: WellKnownEntry): readonly string[] {
  if (entry.use !== 'authorize') return []
  const { scopes } = entry as unknown as Written
  if (Array.isArray(scopes)) return scopes as readonly string[]
  const all = (scopes as { readonly all?: readonly string[] } | undefined)?.all
  return all ?? []
}
