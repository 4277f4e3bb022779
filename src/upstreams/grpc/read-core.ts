/** What the bytes of an answer say, in gRPC-Web and Connect: a message, a failure, or nothing that can be read. Pure. */
import { parseJson } from '../../http/utf8.ts'
import { makeBase64Reader } from '../../rpc/base64-core.ts'
import {
  failureOfConnect,
  failureOfTrailers,
  parseTrailers,
  type RpcFailure,
} from '../../rpc/failure-core.ts'
import { type Frame, makeFrameReader } from '../../rpc/frames-core.ts'
import type { Protocol } from './dialect.ts'

/** What may stand around a message: heads of frames, and trailers. */
export const ROOM_BYTES = 65_546

export type Read =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly failure: RpcFailure }
  /** `reason` is in kebab-case, for the operator's event. */
  | { readonly kind: 'invalid'; readonly reason: string }

export function invalid(reason: string): Extract<Read, { kind: 'invalid' }> {
  return { kind: 'invalid', reason }
}

/** A whole answer of gRPC-Web to a call that has one message. */
export function readWebAnswer(body: Uint8Array, isText: boolean): Read {
  const bytes = isText ? decodeWhole(body) : body
  if (bytes === null) return invalid('base64')
  const reader = makeFrameReader('grpc-web', bytes.length)
  const { frames, problem } = reader.push(bytes)
  if (problem !== null) return invalid(problem)
  if (!reader.isWhole) return invalid('frame-cut-off')
  const end = endOf(frames.at(-1) as Frame, 'grpc-web')
  if (end !== null) return end
  const [message, ...more] = frames.slice(0, -1)
  if (message === undefined) return invalid('message-missing')
  return more.length > 0 ? invalid('message-repeated') : { kind: 'message', bytes: message.bytes }
}

function decodeWhole(body: Uint8Array): Uint8Array | null {
  const reader = makeBase64Reader()
  const bytes = reader.push(body)
  return bytes !== null && reader.isWhole ? bytes : null
}

/** What the last frame of a stream says; null for success. */
export function endOf(
  { bytes }: Frame,
  protocol: Protocol,
): Exclude<Read, { kind: 'message' }> | null {
  if (protocol === 'connect') return endOfConnect(bytes)
  const trailers = parseTrailers(bytes)
  const failure = failureOfTrailers((name) => trailers.get(name))
  if (failure === null) return null
  return failure === 'missing' ? invalid('status-missing') : { kind: 'failed', failure }
}

function endOfConnect(bytes: Uint8Array): Exclude<Read, { kind: 'message' }> | null {
  const end = parseJson(bytes)?.value
  if (typeof end !== 'object' || end === null) return invalid('end-unreadable')
  const { error } = end as { readonly error?: unknown }
  if (error === undefined || error === null) return null
  const failure = failureOfConnect(error)
  return failure === null ? invalid('end-unreadable') : { kind: 'failed', failure }
}
