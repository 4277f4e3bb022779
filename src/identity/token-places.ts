/**
 * Reads a credential from where a policy looks for it (`from`): the first place that has one counts. A place
 * with two is refused, since the service may read the other one (RFC 6750 §2). Reads the request as received.
 */
import { countCookies, readCookie } from '../http/cookies.ts'
import { countParameters, readParameter } from '../http/query.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { CredentialPlace } from '../pipeline/policy.ts'

/** One place of `from`. A prefix is a scheme such as `Bearer`: its case does not count (RFC 9110 §11.1). */
export type TokenPlace =
  | { readonly header: string; readonly prefix?: string | undefined }
  | { readonly cookie: string }
  | { readonly query: string }

export type TokenFrom = TokenPlace | readonly TokenPlace[]

export type FoundToken =
  /** `token` may be empty: a place that is there and says nothing holds a bad credential. */
  | { readonly kind: 'found'; readonly token: string; readonly place: CredentialPlace }
  | { readonly kind: 'absent' }
  | { readonly kind: 'twice' }

export type ReadToken = (exchange: Pick<Exchange, 'received' | 'target'>) => FoundToken

const absent: FoundToken = Object.freeze({ kind: 'absent' })
const twice: FoundToken = Object.freeze({ kind: 'twice' })

/** Binds the places once; `defaults` stand where the policy names none. */
export function bindTokenPlaces(from: TokenFrom | undefined, defaults: TokenFrom): ReadToken {
  const reads = asList(from ?? defaults).map(bindPlace)
  const [only] = reads
  if (reads.length === 1 && only !== undefined) return only
  return function readToken(exchange) {
    for (const read of reads) {
      const found = read(exchange)
      if (found.kind !== 'absent') return found
    }
    return absent
  }
}

/** The same text for the same places: policies with the same read the same token. */
export function nameOfPlaces(from: TokenFrom | undefined, defaults: TokenFrom): string {
  return asList(from ?? defaults)
    .map((place) => {
      if ('header' in place) return `${place.header} ${place.prefix?.trim() ?? ''}`.toLowerCase()
      return 'cookie' in place ? `cookie=${place.cookie}` : `query=${place.query}`
    })
    .join(', ')
}

function asList(from: TokenFrom): readonly TokenPlace[] {
  return Array.isArray(from) ? from : [from as TokenPlace]
}

function bindPlace(place: TokenPlace): ReadToken {
  if ('header' in place) return bindHeader(place.header, place.prefix ?? '')
  return 'cookie' in place ? bindCookie(place.cookie) : bindQuery(place.query)
}

function bindHeader(header: string, prefix: string): ReadToken {
  const name = header.toLowerCase()
  const place: CredentialPlace = { in: 'header', name }
  const starts = prefix.trim() === '' ? /^/ : startOf(prefix.trim())
  const again =
    prefix.trim() === ''
      ? null
      : new RegExp(`,[ \\t]*${startOf(prefix.trim()).source.slice(1)}`, 'i')
  return function readHeaderToken({ received }) {
    const value = received[name]
    if (value === undefined) return absent
    const start = starts.exec(value)
    // The runtime joins repeated fields by ", ", whichever of them comes first.
    if (start === null) return again?.test(value) ? twice : absent
    const token = value.slice(start[0].length).trim()
    return token.includes(',') ? twice : { kind: 'found', token, place }
  }
}

/** A prefix that ends as a word does is followed by a space, or by nothing at all. */
function startOf(prefix: string): RegExp {
  const literal = prefix.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(/[A-Za-z0-9]$/.test(prefix) ? `^${literal}(?:[ \\t]+|$)` : `^${literal}`, 'i')
}

function bindCookie(name: string): ReadToken {
  const place: CredentialPlace = { in: 'cookie', name }
  return function readCookieToken({ received }) {
    const token = readCookie(received.cookie, name)
    if (token === null) return absent
    return countCookies(received.cookie, name) > 1 ? twice : { kind: 'found', token, place }
  }
}

function bindQuery(name: string): ReadToken {
  const place: CredentialPlace = { in: 'query', name }
  return function readQueryToken({ target }) {
    const token = readParameter(target.query, name)
    if (token === null) return absent
    return countParameters(target.query, name) > 1 ? twice : { kind: 'found', token, place }
  }
}
