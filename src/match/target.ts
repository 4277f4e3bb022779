/**
 * The request target as it was received: read from the raw URL before anything parses it (ROUTES.md §2).
 * The runtime pastes scheme, Host header and target together unchecked, so that a URL parser would take
 * `Host: a.com/x` or `Host: a.com@b.com` for something else than what the connection said.
 */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { isAuthority, parseAuthority } from './host-pattern.ts'
import { normalizePath, type PathRules } from './normalize.ts'

export interface Target {
  readonly scheme: 'http' | 'https'
  /** The Host as received: with its port, in its own case. */
  readonly authority: string
  /** Lower-case, no port, no trailing dot, no brackets. */
  readonly host: string
  /** Empty where it is the scheme's default or was not given. */
  readonly port: string
  /** Normalized, still encoded, starts with "/"; `*` for `OPTIONS *`. */
  readonly path: string
  /** As received, with its "?", or empty. */
  readonly query: string
}

export type TargetRead = { readonly kind: 'read'; readonly target: Target } | Refusal

/**
 * Reads `request.url`. The Host header says where the authority ends in it; where it is not known, or the
 * runtime has rewritten the URL, the authority ends before the first "/", "?" or "#".
 */
export function readTarget(url: string, hostHeader: string | null, rules: PathRules): TargetRead {
  const scheme = schemeOf(url)
  if (scheme === null) return invalidTarget('The scheme is neither http nor https.')
  const from = scheme.length + 3
  const split = splitAuthority(url, from, hostHeader)
  const authority = url.slice(from, split)
  const parsed = parseAuthority(authority)
  if (parsed.kind === 'invalid') return invalidHost
  if (hostHeader !== null && hostHeader !== authority && !isAuthority(hostHeader)) {
    return invalidHost
  }
  const queryAt = url.indexOf('?', split)
  const query = queryAt === -1 ? '' : url.slice(queryAt)
  if (query !== '' && neverInQuery.test(query)) {
    return invalidTarget('The query has a control character or a "#".')
  }
  const path = readPath(url.slice(split, queryAt === -1 ? url.length : queryAt), rules)
  if (typeof path !== 'string') return path
  const port = parsed.port === defaultPorts[scheme] ? '' : parsed.port
  return { kind: 'read', target: { scheme, authority, host: parsed.host, port, path, query } }
}

const defaultPorts = { http: '80', https: '443' } as const

// A target has no fragment (RFC 9112 §3.2): a parser further on would cut there. Other characters of the
// query are passed on as they came; it is not matched as a whole.
const neverInQuery = /[\x00-\x1f\x7f#]/

const invalidHost: Refusal = Object.freeze(refuse('HOST_INVALID'))

function invalidTarget(detail: string): Refusal {
  return refuse('TARGET_INVALID', { detail })
}

function schemeOf(url: string): 'http' | 'https' | null {
  if (url.startsWith('http://')) return 'http'
  return url.startsWith('https://') ? 'https' : null
}

/** Where the authority that begins at `from` ends. */
function splitAuthority(url: string, from: number, hostHeader: string | null): number {
  if (hostHeader !== null && url.startsWith(hostHeader, from)) {
    const end = from + hostHeader.length
    // Anything else goes on with the name, as ".example.com" does after "api".
    if (end === url.length || '/?#*\\'.includes(url[end] as string)) return end
  }
  const rest = url.slice(from).search(/[/?#]/)
  return rest === -1 ? url.length : from + rest
}

function readPath(raw: string, rules: PathRules): string | Refusal {
  if (raw === '*') return raw
  // `http://host?x` and `http://host` name the root (RFC 9110 §4.2.3).
  if (raw === '') return '/'
  if (!raw.startsWith('/')) return invalidTarget('The target does not begin with "/".')
  if (raw.includes('#')) return invalidTarget('The target has a fragment.')
  return normalizePath(raw, rules)
}
