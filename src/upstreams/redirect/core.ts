/** Builds the Location of a redirect from the request and what the table gives (ROUTES.md §3). */
import type { Target } from '../../match/target.ts'

/** What a redirect changes; what is undefined stays as in the request. */
export interface RedirectParts {
  readonly scheme: 'http' | 'https' | undefined
  readonly host: string | undefined
  readonly port: number | undefined
  /** Encoded. */
  readonly path: string | undefined
  /** Without "?"; empty drops the query. */
  readonly query: string | undefined
}

export function buildLocation(target: Target, parts: RedirectParts): string {
  const scheme = parts.scheme ?? target.scheme
  const host = parts.host ?? hostOf(target.authority)
  const port = parts.port ?? keptPort(target)
  const plain = port === undefined || port === standardPort(scheme)
  const authority = plain ? host : `${host}:${port}`
  const path = parts.path ?? target.path
  const query =
    parts.query === undefined ? target.query : parts.query === '' ? '' : `?${parts.query}`
  return `${scheme}://${authority}${path}${query}`
}

/** The request's port stays (ROUTES.md §3), but for the default of its own scheme, which means "none given". */
function keptPort(target: Target): number | undefined {
  if (target.port === '') return undefined
  const port = Number(target.port)
  return port === standardPort(target.scheme) ? undefined : port
}

function standardPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80
}

function hostOf(authority: string): string {
  return authority.replace(/:[0-9]+$/, '')
}
