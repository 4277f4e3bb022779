/**
 * The signature base of HTTP Message Signatures (RFC 9421 §2.5): what is signed and what is verified is the
 * same text, made here once. Pure; the cryptography is its callers'.
 */
import type { Fields } from './headers.ts'

/** The parts of a request that a signature can cover. */
export interface SignableRequest {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** Host and, where there is one, port, as sent. */
  readonly authority: string
  /** Encoded, starts with "/". */
  readonly path: string
  /** With its "?", or empty. */
  readonly query: string
  /** Lower-case name → value; repeated fields are joined by ", ". */
  readonly headers: Readonly<Fields>
}

/** The value of a covered component (RFC 9421 §2.1, §2.2); null where the request lacks it or it is unknown. */
export function componentValue(name: string, request: SignableRequest): string | null {
  switch (name) {
    case '@method':
      return request.method
    case '@authority':
      return authorityOf(request)
    case '@scheme':
      return request.scheme
    case '@target-uri':
      return `${request.scheme}://${authorityOf(request)}${request.path}${request.query}`
    case '@request-target':
      return request.path + request.query
    case '@path':
      return request.path
    case '@query':
      // §2.2.7: an absent query counts as an empty one.
      return request.query === '' ? '?' : request.query
    default:
      return name.startsWith('@') ? null : fieldValue(request.headers, name)
  }
}

/** Lower case, without the default port of the scheme (§2.2.3). */
function authorityOf({ scheme, authority }: SignableRequest): string {
  const lower = authority.toLowerCase()
  const port = scheme === 'https' ? ':443' : ':80'
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower
}

function fieldValue(headers: Readonly<Fields>, name: string): string | null {
  if (!Object.hasOwn(headers, name)) return null
  // §2.1: no space around the value, and line folding is one space.
  return (headers[name] ?? '').replace(/\s*\r\n\s+/g, ' ').trim()
}

/** A component as it stands in a list of covered ones: `"@path"`, or `"date";req` with its parameters. */
export interface CoveredComponent {
  readonly identifier: string
  readonly value: string
}

/** The text that is signed. `params` is the value of the signature's member in Signature-Input, as it stands. */
export function signatureBase(covered: readonly CoveredComponent[], params: string): string {
  const lines = covered.map(({ identifier, value }) => `${identifier}: ${value}`)
  return [...lines, `"@signature-params": ${params}`].join('\n')
}
