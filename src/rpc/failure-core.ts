/** How a procedure failed, as gRPC-Web and Connect write it (grpc/doc/PROTOCOL-HTTP2.md; connectrpc.com/docs/protocol). Pure. */
import { base64Of } from '../http/base64.ts'
import { decodeBase64 } from './base64-core.ts'
import { readStatus, statusOf, statusOfConnect } from './status-core.ts'
import { readWire, textOf } from './wire-core.ts'

export interface RpcFailure {
  readonly code: number
  readonly message: string
  readonly details: readonly RpcDetail[]
}

/** A google.protobuf.Any: the full name of the message, and its bytes. */
export interface RpcDetail {
  readonly type: string
  readonly bytes: Uint8Array
}

const MAX_DETAILS = 100 // Services send a handful, and each is decoded and shown.

/** Lower-case name → value of trailers as gRPC-Web sends them: header lines in a frame. */
export function parseTrailers(bytes: Uint8Array): ReadonlyMap<string, string> {
  const trailers = new Map<string, string>()
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return trailers
}

/** Null where they say success; `missing` where they say no status. */
export function failureOfTrailers(
  read: (name: string) => string | null | undefined,
): RpcFailure | 'missing' | null {
  const code = readStatus(read('grpc-status'))
  if (code === null) return 'missing'
  if (code === 0) return null
  const encoded = read('grpc-status-details-bin')
  const status = encoded ? decodeBase64(encoded) : null
  return {
    code,
    message: percentDecode(read('grpc-message') ?? ''),
    details: status === null ? [] : detailsOf(status),
  }
}

/** The trailers as one frame's content. */
export function printTrailers({ code, message }: RpcFailure): Uint8Array {
  const lines = [`grpc-status: ${code}`, `grpc-message: ${percentEncode(message)}`]
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n`)
}

/** The details of a google.rpc.Status. */
function detailsOf(status: Uint8Array): readonly RpcDetail[] {
  const anys = readWire(status)?.filter(({ no, bytes }) => no === 3 && bytes !== null) ?? []
  return anys.slice(0, MAX_DETAILS).flatMap(({ bytes }) => {
    const fields = readWire(bytes as Uint8Array) ?? []
    const url = fields.findLast(({ no }) => no === 1)
    const value = fields.findLast(({ no }) => no === 2)
    const type = url === undefined ? null : textOf(url)
    if (type === null) return []
    return [
      { type: type.slice(type.lastIndexOf('/') + 1), bytes: value?.bytes ?? new Uint8Array() },
    ]
  })
}

/** Of Connect's JSON: `{ "code", "message", "details" }`; null where it is none. */
export function failureOfConnect(value: unknown): RpcFailure | null {
  if (typeof value !== 'object' || value === null) return null
  const { code, message, details } = value as Readonly<Record<string, unknown>>
  const status = statusOfConnect(code)
  if (status === null) return null
  const list = Array.isArray(details) ? details.slice(0, MAX_DETAILS) : []
  return {
    code: status.code,
    message: typeof message === 'string' ? message : '',
    details: list.flatMap((detail) => {
      if (typeof detail !== 'object' || detail === null) return []
      const { type, value: encoded } = detail as Readonly<Record<string, unknown>>
      const bytes = typeof encoded === 'string' ? decodeBase64(encoded) : null
      return typeof type === 'string' && bytes !== null ? [{ type, bytes }] : []
    }),
  }
}

export function printConnect({ code, message, details }: RpcFailure): Record<string, unknown> {
  return {
    code: statusOf(code).connect,
    message,
    ...(details.length === 0
      ? {}
      : { details: details.map(({ type, bytes }) => ({ type, value: base64Of(bytes) })) }),
  }
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A message that is not encoded is shown as it is (PROTOCOL-HTTP2.md: must not be discarded).
    return text
  }
}

function percentEncode(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))
}
