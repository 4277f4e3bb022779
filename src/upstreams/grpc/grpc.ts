/**
 * Plain HTTP in front of procedures: a request becomes a message, the call goes through the whole call pipeline of its
 * upstream as Connect or gRPC-Web, and the answer comes back as JSON or NDJSON. Requests that speak gRPC-Web or Connect
 * themselves pass untouched.
 */
import type { TimeLimits } from '../../calls/call.ts'
import { isIdempotent } from '../../calls/retry/core.ts'
import type { Handler } from '../../config/plan.ts'
import { targetedFields } from '../../http/targeted.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import { readSpeech } from '../../rpc/speech-core.ts'
import type { BoundUpstream } from '../http/upstream.ts'
import type { Api } from './api.ts'
import { bindDescriptors } from './descriptors.ts'
import { makeDialect, makeOutgoing, type Wire, wireOf } from './dialect.ts'
import { broken, refusalOf, type Telling } from './failure.ts'
import { type MessageOptions, makeMessage } from './message.ts'
import { bindPrint, type Print } from './print.ts'
import { bindFindProcedure, type Procedure } from './procedure.ts'
import { isOfWire, type ReadBounds, readUnary } from './read.ts'
import { bindRequest } from './request-template.ts'
import type { GrpcRouteOptions, GrpcUpstreamOptions } from './schema.ts'
import { openLines } from './stream.ts'

/** The most that a server of gRPC takes of itself unless told otherwise. */
const DEFAULT_MESSAGE_BYTES = 4_194_304

export interface GrpcParts {
  readonly upstream: BoundUpstream
  readonly options: GrpcUpstreamOptions
  /** The procedure that the route names; undefined where the descriptors decide. */
  readonly route: GrpcRouteOptions | undefined
  readonly limits: TimeLimits
}

interface Bound extends MessageOptions {
  readonly parts: GrpcParts
  /** Milliseconds for the whole of a call; null for no limit. */
  readonly timeoutMs: number | null
}

export function bindGrpc(parts: GrpcParts): Handler {
  const { options, route, upstream, limits } = parts
  const findApi = bindDescriptors(options)
  const findProcedure = bindFindProcedure(route)
  const pass = upstream.handler(limits)
  const bound: Bound = {
    parts,
    timeoutMs: limits.routeMs ?? upstream.timeoutMs ?? limits.defaultMs,
    maxBytes: options.maxMessageBytes ?? DEFAULT_MESSAGE_BYTES,
    ignoresUnknown: options.ignoreUnknown ?? false,
    render: route?.request === undefined ? null : bindRequest(route.request),
  }
  return async function callProcedure(exchange) {
    // Where a route names its procedure, no client may choose another.
    if (route === undefined && readSpeech(exchange.outgoing) !== null) return pass(exchange)
    const api = await findApi(exchange.ports)
    if ('kind' in api) return api
    const procedure = findProcedure(api, exchange)
    if ('kind' in procedure) return procedure
    const made = await makeMessage(exchange, procedure, api, bound)
    return made.kind === 'refused' ? made : call(exchange, procedure, made.bytes, api, bound)
  }
}

async function call(
  exchange: Exchange,
  procedure: Procedure,
  message: Uint8Array<ArrayBuffer>,
  api: Api,
  { parts, maxBytes, timeoutMs }: Bound,
): Promise<Answer> {
  const { upstream, options, limits } = parts
  const { outline, method } = procedure
  const wire = wireOf(options.protocol ?? 'connect', outline.isServerStreaming)
  // The call itself is a POST: whether it may be sent twice says the procedure, or the method that the client chose.
  if (outline.isIdempotent || isIdempotent(exchange.method)) exchange.isRepeatSafe = true
  const { clock, timers } = exchange.ports
  const startedAt = clock.now()
  const answer = await upstream.send(exchange, {
    outgoing: makeOutgoing(exchange, procedure.path, message, wire),
    limits,
    edits: exchange.answer,
    isCopy: false,
    dialect: makeDialect(wire, maxBytes, upstream.options.perTryTimeoutMs ?? null),
  })
  if (!(answer instanceof Response)) return answer
  // What a chain answered with in the place of the service is an answer for the client already.
  if (exchange.event.fallback !== null && !isOfWire(answer, wire) && answer.ok) return answer
  const telling: Telling = { api, isHidden: options.hideMessages ?? false }
  const printing = { emitDefaults: options.emitDefaults ?? false, field: procedure.responseField }
  const print = bindPrint(method.output, api, printing)
  const ms = timeoutMs === null ? MAX_BODY_MS : startedAt + timeoutMs - clock.now()
  const bounds: ReadBounds = { maxBytes, ms, timers }
  const reading: Reading = { exchange, wire, bounds, print, telling }
  return wire.isStream ? answerLines(answer, reading) : answerOne(answer, reading)
}

// Where nothing else bounds a body: what Cloudflare gives work that goes on behind an answer.
const MAX_BODY_MS = 30_000

interface Reading {
  readonly exchange: Exchange
  readonly wire: Wire
  readonly bounds: ReadBounds
  readonly print: Print
  readonly telling: Telling
}

async function answerOne(answer: Response, reading: Reading): Promise<Answer> {
  const { exchange, wire, bounds, print, telling } = reading
  const read = await readUnary(answer, wire, bounds)
  switch (read.kind) {
    case 'refused':
      return read
    case 'invalid':
      return broken(read.reason)
    case 'failed':
      return refusalOf(read.failure, telling, answer.headers.get('retry-after'))
    case 'message': {
      const text = print(read.bytes)
      if (text === null) return broken('message-unreadable')
      const body = exchange.method === 'HEAD' ? null : text
      return new Response(body, { headers: fieldsOf(answer, 'application/json') })
    }
  }
}

async function answerLines(answer: Response, reading: Reading): Promise<Answer> {
  const { exchange, wire, bounds, print, telling } = reading
  const lines = await openLines(answer, { wire, bounds, print, telling })
  if ('kind' in lines) return lines
  const headers = fieldsOf(answer, 'application/x-ndjson')
  // How it ends is told in its last line, too late for what keeps answers by their header fields.
  headers.set('cache-control', 'no-store')
  for (const name of targetedFields) headers.delete(name)
  if (exchange.method !== 'HEAD') return new Response(lines, { headers })
  await lines.cancel()
  return new Response(null, { headers })
}

/** Of the protocol, or of a body that does not go out. */
const ofWire =
  /^(?:content-|grpc-|connect-|trailer|accept-ranges$|etag$|transfer-encoding$|.*digest$)/

function fieldsOf({ headers }: Response, contentType: string): Headers {
  const fields = new Headers()
  headers.forEach((value, name) => {
    if (!ofWire.test(name)) fields.append(name, value)
  })
  fields.set('content-type', contentType)
  return fields
}
