/** Where a call goes: the URL that is sent, and its parts for what signs them. */
import type { SignableRequest } from '../../http/signature-base.ts'
import type { Call } from '../call.ts'

/** A binding has no address of its own: the URL's host is `rewrite.host`, else the one that the client named. */
export function urlOf({ exchange, target, path }: Call): string {
  if (target.binding === null) return target.base + path
  const host = exchange.outgoing.host ?? exchange.target.authority
  return `${exchange.target.scheme}://${host}${target.base}${path}`
}

/** The request as the service gets it: the runtime writes the URL as the Fetch standard has it. */
export function signableOf(call: Call): SignableRequest {
  const url = new URL(urlOf(call))
  // An empty query is sent with its "?", which `search` leaves out.
  const mark = url.href.indexOf('?')
  return {
    method: call.method,
    scheme: url.protocol === 'http:' ? 'http' : 'https',
    authority: url.host,
    path: url.pathname,
    query: mark === -1 ? '' : url.href.slice(mark),
    headers: call.headers,
  }
}
