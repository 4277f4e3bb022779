/**
 * How a call is put on the wire, in Connect or gRPC-Web, and what each try's answer means: a gRPC-Web service says 200
 * whatever happened, and the status stands in its trailers.
 */
import type { Dialect } from '../../calls/call.ts'
import { refuse } from '../../errors/refusal.ts'
import { essenceOf } from '../../http/essence.ts'
import { emptyFields, type Fields } from '../../http/headers.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import type { Answer, Exchange, Outgoing } from '../../pipeline/exchange.ts'
import { failureOfTrailers, parseTrailers } from '../../rpc/failure-core.ts'
import { frame, makeFrameReader } from '../../rpc/frames-core.ts'
import { statusOf } from '../../rpc/status-core.ts'
import { ROOM_BYTES } from './read-core.ts'

export type Protocol = 'connect' | 'grpc-web'

export interface Wire {
  readonly protocol: Protocol
  readonly isStream: boolean
  /** Of requests and of answers. */
  readonly contentType: string
}

export function wireOf(protocol: Protocol, isStream: boolean): Wire {
  if (protocol === 'grpc-web') {
    return { protocol, isStream, contentType: 'application/grpc-web+proto' }
  }
  return {
    protocol,
    isStream,
    contentType: isStream ? 'application/connect+proto' : 'application/proto',
  }
}

/** Fields of the client that speak of its own body, or of what it takes in answer. */
const ofClient = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'content-digest',
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'digest',
  'expect',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'repr-digest',
  'te',
])

export function makeOutgoing(
  { outgoing }: Exchange,
  procedure: string,
  message: Uint8Array<ArrayBuffer>,
  wire: Wire,
): Outgoing {
  const headers = emptyFields()
  for (const name in outgoing.headers) {
    if (ofClient.has(name) || name.startsWith('connect-') || name.startsWith('grpc-')) continue
    headers[name] = outgoing.headers[name] as string
  }
  headers['content-type'] = wire.contentType
  // Nothing may come compressed: neither messages nor bodies.
  headers['accept-encoding'] = 'identity'
  if (wire.protocol === 'connect') headers['connect-protocol-version'] = '1'
  else headers['x-grpc-web'] = '1'
  const isFramed = wire.protocol === 'grpc-web' || wire.isStream
  const body = isFramed ? frame(message).buffer : message.slice().buffer
  return { method: 'POST', path: procedure, query: '', headers, host: outgoing.host, body }
}

// Connect allows ten digits, gRPC eight.
const MOST_MS = { connect: 9_999_999_999, 'grpc-web': 99_999_999 }

/** `tryMs`: what one try may take; null for no limit of its own. */
export function makeDialect(wire: Wire, maxBytes: number, tryMs: number | null): Dialect {
  const { protocol } = wire
  return {
    limit(headers: Fields, leftMs) {
      const own = tryMs ?? Number.POSITIVE_INFINITY
      const ms = Math.max(0, Math.floor(Math.min(leftMs ?? own, own)))
      if (!Number.isFinite(ms)) return
      const most = Math.min(ms, MOST_MS[protocol])
      if (protocol === 'connect') headers['connect-timeout-ms'] = String(most)
      else headers['grpc-timeout'] = `${most}m`
    },
    judge(response) {
      if (protocol === 'connect' || response.status !== 200) return response
      const early = response.headers.get('grpc-status')
      if (early !== null) return withStatusOf(response, (name) => response.headers.get(name))
      return wire.isStream ? response : judgeBody(response, maxBytes)
    },
  }
}

/** A unary answer is one message and its trailers: it is read here, within the time of the try. */
async function judgeBody(response: Response, maxBytes: number): Promise<Answer> {
  const { body } = response
  if (
    body === null ||
    !essenceOf(response.headers.get('content-type')).startsWith('application/grpc-web')
  ) {
    return response
  }
  let bytes: ArrayBuffer | null
  try {
    bytes = await readUpTo(body, maxBytes + ROOM_BYTES)
  } catch {
    return refuse('UPSTREAM_UNREACHABLE', {
      detail: 'The connection to the service was lost before its answer was whole.',
      failure: 'reset',
    })
  }
  if (bytes === null) return refuse('UPSTREAM_BODY_TOO_LARGE')
  const again = new Response(bytes, response)
  const isText = essenceOf(response.headers.get('content-type')).includes('-text')
  if (isText) return again
  const { frames } = makeFrameReader('grpc-web', bytes.byteLength).push(new Uint8Array(bytes))
  const last = frames.find(({ isLast }) => isLast)
  if (last === undefined) return again
  const trailers = parseTrailers(last.bytes)
  return withStatusOf(again, (name) => trailers.get(name))
}

function withStatusOf(
  response: Response,
  read: (name: string) => string | null | undefined,
): Response {
  const failure = failureOfTrailers(read)
  if (failure === null || failure === 'missing') return response
  const { body, headers } = response
  return new Response(body, { status: statusOf(failure.code).http, headers })
}
