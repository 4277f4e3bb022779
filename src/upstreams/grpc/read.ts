/** Reads answers of services: one message, or a failure in whatever place the protocol has for it. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { essenceOf } from '../../http/essence.ts'
import { join } from '../../http/read-up-to.ts'
import { parseJson } from '../../http/utf8.ts'
import type { Timers } from '../../platform/ports.ts'
import { failureOfConnect, failureOfTrailers, type RpcFailure } from '../../rpc/failure-core.ts'
import { statusOfHttp } from '../../rpc/status-core.ts'
import type { Wire } from './dialect.ts'
import { invalid, type Read, ROOM_BYTES, readWebAnswer } from './read-core.ts'

/** Of a body that is read whole. */
export interface ReadBounds {
  readonly maxBytes: number
  /** From now. */
  readonly ms: number
  readonly timers: Timers
}

/** Whether an answer is in the form of the protocol, not one that something else gave in the service's place. */
export function isOfWire(response: Response, { protocol, contentType }: Wire): boolean {
  const type = essenceOf(response.headers.get('content-type'))
  if (protocol === 'connect') return type === contentType
  return type.startsWith('application/grpc-web') || response.headers.has('grpc-status')
}

/** The one message of an answer. */
export async function readUnary(
  response: Response,
  wire: Wire,
  bounds: ReadBounds,
): Promise<Read | Refusal> {
  if (!isOfWire(response, wire)) return readForeign(response, bounds)
  if (wire.protocol === 'grpc-web') {
    const early = earlyFailure(response)
    if (early !== null) {
      await response.body?.cancel()
      return early
    }
  }
  const room = wire.protocol === 'grpc-web' ? ROOM_BYTES : 0
  const bytes = await readWhole(response, { ...bounds, maxBytes: bounds.maxBytes + room })
  if (!(bytes instanceof Uint8Array)) return bytes
  if (wire.protocol === 'connect') {
    return response.status === 200 ? { kind: 'message', bytes } : invalid('status-unfit')
  }
  return readWebAnswer(bytes, isText(response))
}

export function isText(response: Response): boolean {
  return essenceOf(response.headers.get('content-type')).startsWith('application/grpc-web-text')
}

/** What the header fields of gRPC-Web say where there are no trailers in the body. */
export function earlyFailure({ headers }: Response): Extract<Read, { kind: 'failed' }> | null {
  if (!headers.has('grpc-status')) return null
  const failure = failureOfTrailers((name) => headers.get(name))
  return failure === null || failure === 'missing' ? null : { kind: 'failed', failure }
}

/** An answer in another form: Connect's error, or what a proxy or a server says by HTTP alone. */
export async function readForeign(response: Response, bounds: ReadBounds): Promise<Read | Refusal> {
  const { status } = response
  if (essenceOf(response.headers.get('content-type')) === 'application/json' && status !== 200) {
    const bytes = await readWhole(response, bounds)
    if (!(bytes instanceof Uint8Array)) return bytes
    const failure = failureOfConnect(parseJson(bytes)?.value)
    return { kind: 'failed', failure: failure ?? failureOfHttp(status) }
  }
  await response.body?.cancel()
  if (status < 300) return invalid('content-type')
  return { kind: 'failed', failure: failureOfHttp(status) }
}

function failureOfHttp(status: number): RpcFailure {
  return { code: statusOfHttp(status).code, message: '', details: [] }
}

async function readWhole(
  { body }: Response,
  { maxBytes, ms, timers }: ReadBounds,
): Promise<Uint8Array | Refusal> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const alarm = timers.after(Math.max(0, ms))
  try {
    const bytes = await Promise.race([readAll(reader, maxBytes), alarm.done.then(() => 'late')])
    if (bytes instanceof Uint8Array) return bytes
    reader.cancel().catch(() => {})
    return bytes === null ? refuse('UPSTREAM_BODY_TOO_LARGE') : late()
  } catch {
    return lost()
  } finally {
    alarm.cancel()
  }
}

/** Null as soon as there are more bytes than the limit. */
async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Uint8Array(join(chunks, size))
    size += value.byteLength
    if (size > maxBytes) return null
    chunks.push(value)
  }
}

function late(): Refusal {
  return refuse('UPSTREAM_TIMEOUT', {
    detail: 'The answer of the service was not whole in time.',
    failure: 'timeout',
  })
}

/** What has begun did not come to its end. */
function lost(): Refusal {
  return refuse('UPSTREAM_UNREACHABLE', {
    detail: 'The connection to the service was lost before its answer was whole.',
  })
}
