/** A service that speaks Connect or gRPC-Web, for tests in memory: it reads calls by its descriptors, and says what it is told to. */

import { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import type { NetworkCall } from '../../src/platform/ports.ts'
import { frame } from '../../src/rpc/frames-core.ts'
import { streamOf } from './streams.ts'

export interface Reply {
  /** JSON of the messages of the answer. */
  readonly messages?: readonly object[]
  readonly failure?: {
    /** As Connect writes it; gRPC-Web has the number. */
    readonly code: string
    readonly number: number
    readonly http: number
    readonly message?: string
    readonly details?: readonly { readonly type: string; readonly value: string }[]
    /** base64 of a google.rpc.Status, for gRPC-Web. */
    readonly status?: string
  }
  readonly headers?: Readonly<Record<string, string>>
}

export interface Asked {
  readonly procedure: string
  readonly message: unknown
  readonly headers: Readonly<Record<string, string>>
}

export function makeService(set: Uint8Array, reply: (asked: Asked) => Reply) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set))
  const asked: Asked[] = []
  function answer(call: NetworkCall): Response {
    const procedure = new URL(call.url).pathname
    const [, service = '', name = ''] = procedure.split('/')
    const method = registry.getService(service)?.methods.find((one) => one.name === name)
    if (method === undefined) return new Response(null, { status: 404 })
    const type = call.headers['content-type'] ?? ''
    const bytes = new Uint8Array(call.body as ArrayBuffer)
    const isFramed = type !== 'application/proto'
    const request = fromBinary(method.input, isFramed ? bytes.subarray(5) : bytes)
    const one = {
      procedure,
      message: toJson(method.input, request, { registry }),
      headers: call.headers,
    }
    asked.push(one)
    const given = reply(one)
    const messages = (given.messages ?? []).map((json) =>
      toBinary(method.output, fromJson(method.output, json as never, { registry })),
    )
    return respond(type, messages, given)
  }
  return { asked, answer }
}

function respond(
  type: string,
  messages: readonly Uint8Array<ArrayBuffer>[],
  { failure, headers }: Reply,
): Response {
  const init = { status: 200, headers: { ...headers, 'content-type': type } }
  if (type === 'application/proto') {
    if (failure === undefined) return new Response(messages[0], init)
    const { code, message, details, http } = failure
    return Response.json(
      { code, message, details },
      { ...init, status: http, headers: headers ?? {} },
    )
  }
  if (type.startsWith('application/connect+')) {
    const error = failure && {
      code: failure.code,
      message: failure.message,
      details: failure.details,
    }
    const end = new TextEncoder().encode(JSON.stringify(error ? { error } : {}))
    return new Response(streamOf(...messages.map((one) => frame(one)), frame(end, 2)), init)
  }
  const trailers = [
    `grpc-status: ${failure?.number ?? 0}`,
    `grpc-message: ${encodeURIComponent(failure?.message ?? '')}`,
    ...(failure?.status === undefined ? [] : [`grpc-status-details-bin: ${failure.status}`]),
  ]
  const end = frame(new TextEncoder().encode(`${trailers.join('\r\n')}\r\n`), 0x80)
  return new Response(streamOf(...messages.map((one) => frame(one)), end), init)
}
