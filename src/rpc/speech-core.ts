/** Which protocol of remote procedures a request speaks, by its header fields. Pure. */
import { essenceOf } from '../http/essence.ts'
import type { Fields } from '../http/headers.ts'
import { readParameter } from '../http/query.ts'

export type Speech =
  /** `isText`: the body is base64 (`application/grpc-web-text`). */
  | { readonly kind: 'grpc-web'; readonly isText: boolean; readonly contentType: string }
  | { readonly kind: 'connect-stream'; readonly contentType: string }
  | { readonly kind: 'connect-unary' }

interface Spoken {
  readonly method: string
  readonly query: string
  readonly headers: Readonly<Fields>
}

/** Null where it is none of them: a plain request, or one of native gRPC, which needs HTTP/2 to the end. */
export function readSpeech({ method, query, headers }: Spoken): Speech | null {
  const contentType = essenceOf(headers['content-type'])
  if (contentType === '') {
    // Connect's GET for procedures without side effects.
    const isGet = method === 'GET' && query !== '' && readParameter(query, 'connect') === 'v1'
    return isGet ? { kind: 'connect-unary' } : null
  }
  if (contentType.startsWith('application/grpc-web')) {
    const isText = contentType.startsWith('application/grpc-web-text')
    return { kind: 'grpc-web', isText, contentType }
  }
  if (contentType.startsWith('application/connect+')) return { kind: 'connect-stream', contentType }
  const isConnect =
    contentType === 'application/proto' || headers['connect-protocol-version'] !== undefined
  return isConnect ? { kind: 'connect-unary' } : null
}
