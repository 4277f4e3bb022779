/** What an issuer says of itself (OpenID Connect Discovery 1.0 §3, §4): of it only where its keys are. */
import type { RemoteDocument } from './remote-document.ts'

export interface IssuerMetadata {
  readonly jwksUrl: string
}

/** The metadata document of an issuer. */
export function discoveryOf(issuer: string): RemoteDocument<IssuerMetadata> {
  return {
    kind: 'discovery',
    url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    parse: (json) => readMetadata(json, issuer),
  }
}

/** Null where the document is another issuer's (§4.3), or names no place for keys that can be trusted. */
export function readMetadata(json: unknown, issuer: string): IssuerMetadata | null {
  const { issuer: stated, jwks_uri: jwksUrl } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (stated !== issuer || typeof jwksUrl !== 'string') return null
  // Keys may not come by a less protected way than the document that names them.
  const form = issuer.startsWith('https:') ? /^https:\/\/[^/]/ : /^https?:\/\/[^/]/
  return form.test(jwksUrl) && URL.canParse(jwksUrl) ? { jwksUrl } : null
}
