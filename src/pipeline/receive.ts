/**
 * Makes the exchange of a request: reads from the runtime what is needed, each thing once, and decides
 * what goes on to a service. A target or Host that is none ends here as a refusal.
 */
import type { Refusal } from '../errors/refusal.ts'
import { bindForwarding, type ClientIpRule, type Forwarding } from '../http/forwarded.ts'
import { type InboundRules, readFields } from '../http/headers.ts'
import { makeRequestId } from '../http/request-id.ts'
import { readTrace, writeTraceparent } from '../http/trace-context.ts'
import type { PathRules } from '../match/normalize.ts'
import { noParams } from '../match/params.ts'
import { readTarget, type Target } from '../match/target.ts'
import type { Event } from '../observe/event.ts'
import type { Ports } from '../platform/ports.ts'
import type { Client, Exchange } from './exchange.ts'

/** The rules of a table that a request meets before its route is known. */
export interface ReceiveRules extends InboundRules {
  readonly paths: PathRules
  readonly clientIp: ClientIpRule
  /** Of the table; null while none is loaded. */
  readonly version: string | null
}

export interface Received {
  readonly exchange: Exchange
  /** Why no route can be looked for, or null. */
  readonly refusal: Refusal | null
}

/** `outer` is the batch that a request stands in: where its client is, it knows. */
export type Receive = (request: Request, ports: Ports, outer?: Exchange) => Received

/** Stands in for a target that could not be read; a Host that is one still names the origin of the problem page. */
function unread(url: string, host: string | undefined, { code }: Refusal): Target {
  const scheme = url.startsWith('https:') ? 'https' : 'http'
  const authority = code === 'HOST_INVALID' ? '' : (host ?? '')
  return { scheme, authority, host: '', port: '', path: '/', query: '' }
}

export function bindReceive(rules: ReceiveRules, reenter: Exchange['reenter']): Receive {
  const forwarding = bindForwarding(rules.clientIp)
  return function receive(request, ports, outer) {
    const startedAt = ports.clock.now()
    const { received, onward } = readFields(request.headers, rules)
    const read = readTarget(request.url, received.host ?? null, rules.paths)
    const target = read.kind === 'read' ? read.target : unread(request.url, received.host, read)
    const { method } = request
    const { hex } = ports.randomness
    const place = ((outer?.request ?? request) as { readonly cf?: Place }).cf
    const client = readClient(place, forwarding, received)
    const trace = readTrace(received.traceparent, received.tracestate, hex)
    const id = makeRequestId(startedAt, hex)
    forwarding.write(onward, { received, client, target, peer: place?.clientIp ?? null })
    onward.traceparent = writeTraceparent(trace)
    // Deleting what is not there costs nothing; deleting a field makes the object slow to read.
    if (trace.state === null && received.tracestate !== undefined) delete onward.tracestate
    const exchange: Exchange = {
      request,
      ports,
      startedAt,
      id,
      trace,
      method,
      preflight: false,
      target,
      received,
      client,
      subject: {
        method,
        host: target.host,
        path: target.path,
        query: target.query,
        headers: received,
        client,
        body: { kind: 'unread' },
      },
      identity: null,
      route: null,
      params: noParams,
      conclusion: null,
      outgoing: {
        method,
        path: target.path,
        query: target.query,
        headers: onward,
        host: null,
        body: readBodyOf(request, method),
      },
      answer: [],
      event: beginEvent(rules.version, outer?.id ?? null, { startedAt, id, trace, method, client }),
      idHeader: null,
      logging: null,
      onLeave: null,
      isRepeatSafe: false,
      reenter,
      within: outer?.id ?? null,
    }
    return { exchange, refusal: read.kind === 'read' ? null : read }
  }
}

/**
 * The runtime sends no body with GET and HEAD, and it would mean nothing there (RFC 9110 §9.3.1). Asking for it
 * costs 3 % of a proxied request (docs/benchmarks.md), so it is not asked for.
 */
function readBodyOf(request: Request, method: string): ReadableStream | null {
  return method === 'GET' || method === 'HEAD' ? null : request.body
}

type Begun = Pick<Exchange, 'startedAt' | 'id' | 'trace' | 'method' | 'client'>

function beginEvent(
  table: string | null,
  within: string | null,
  { startedAt, id, trace, method, client }: Begun,
): Event {
  return {
    time: new Date(startedAt).toISOString(),
    request: id,
    within,
    trace: trace.traceId,
    span: trace.spanId,
    table,
    route: null,
    method,
    path: null,
    status: 0,
    upstream: null,
    target: null,
    tries: 0,
    breaker: null,
    fallback: null,
    durationMs: 0,
    upstreamMs: 0,
    bytesIn: null,
    bytesOut: null,
    cache: null,
    policies: {},
    version: null,
    consumer: null,
    country: client.country,
    colo: client.colo,
    error: null,
  }
}

/** What the runtime tells of a caller: on Cloudflare the place, on one machine the peer's address. */
interface Place {
  readonly clientIp?: string
  readonly country?: string
  readonly continent?: string
  readonly asn?: number
  readonly colo?: string
}

function readClient(
  place: Place | undefined,
  forwarding: Forwarding,
  received: Exchange['received'],
): Client {
  return {
    address: forwarding.address(place?.clientIp ?? null, place?.colo ?? null, received),
    country: place?.country ?? null,
    continent: place?.continent ?? null,
    asn: place?.asn ?? null,
    colo: place?.colo ?? null,
  }
}

/** The rules while no table is loaded: only `/_gateway/*` can answer then. */
export const noTableRules: ReceiveRules = {
  version: null,
  paths: { emptySegments: 'keep', encodedSlash: 'keep', semicolon: 'keep' },
  clientIp: { source: 'auto', trustedHops: 0, trustedCidrs: [] },
  underscores: false,
  reserved: new Set(),
}
