/** A failure of a procedure as the gateway tells it: a problem, or the last line of a stream. */
import { catalogue } from '../../errors/catalogue.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { base64Of } from '../../http/base64.ts'
import type { RpcDetail, RpcFailure } from '../../rpc/failure-core.ts'
import { statusOf } from '../../rpc/status-core.ts'
import type { Api } from './api.ts'
import { hasOwnJson } from './fields-core.ts'

export interface Telling {
  readonly api: Api
  /** The words of the service stay behind. */
  readonly isHidden: boolean
}

export function refusalOf(
  failure: RpcFailure,
  telling: Telling,
  retryAfter: string | null,
): Refusal {
  const { http } = statusOf(failure.code)
  return refuse('RPC_FAILED', {
    status: http,
    members: membersOf(failure, telling),
    upstreamStatus: http,
    ...(retryAfter === null ? {} : { headers: { 'Retry-After': retryAfter } }),
  })
}

/** The value of `error` in the line that ends a stream: what the problem would have said. */
export function lineOf(failure: RpcFailure, telling: Telling): Record<string, unknown> {
  const { http } = statusOf(failure.code)
  const { title } = catalogue.RPC_FAILED
  return { code: 'RPC_FAILED', title, status: http, ...membersOf(failure, telling) }
}

/** The same of an answer that cannot be read. */
export function brokenLine(): Record<string, unknown> {
  const { title, status } = catalogue.UPSTREAM_BODY_INVALID
  return { code: 'UPSTREAM_BODY_INVALID', title, status }
}

export function broken(reason: string): Refusal {
  return refuse('UPSTREAM_BODY_INVALID', { reason })
}

function membersOf({ code, message, details }: RpcFailure, { api, isHidden }: Telling) {
  const grpcStatus = statusOf(code).name
  if (isHidden) return { grpcStatus }
  return {
    grpcStatus,
    grpcMessage: message,
    ...(details.length === 0 ? {} : { details: details.map((detail) => jsonOf(detail, api)) }),
  }
}

/** By the set of descriptors; what it does not know stays as it came. */
function jsonOf({ type, bytes }: RpcDetail, { library, registry }: Api): Record<string, unknown> {
  const name = `type.googleapis.com/${type}`
  const message = registry.getMessage(type)
  if (message !== undefined) {
    try {
      const json: unknown = library.toJson(message, library.fromBinary(message, bytes), {
        registry,
      })
      return hasOwnJson(message)
        ? { '@type': name, value: json }
        : { '@type': name, ...(json as object) }
    } catch {
      // Bytes that are no such message are shown as bytes.
    }
  }
  return { '@type': name, value: base64Of(bytes) }
}
