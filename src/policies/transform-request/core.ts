/** What a transformation of requests comes to before a body is looked at. Pure. */
import { decodeBody } from '../../formats/decode.ts'
import { encodeBody } from '../../formats/encode.ts'
import type { Decoded, Invalid } from '../../formats/format.ts'
import type { RequestFormat, TransformRequestOptions } from './schema.ts'

export interface RequestPlan {
  readonly from: RequestFormat
  readonly to: RequestFormat
}

export function planRequest(options: TransformRequestOptions): RequestPlan {
  return {
    from: options.from ?? 'json',
    to: options.to ?? (options.soap === undefined ? 'json' : 'xml'),
  }
}

/** The method that what was changed goes on with: a body means nothing with GET and HEAD (RFC 9110 §9.3.1). */
export function methodFor(method: string, wanted: string | undefined, to: RequestFormat): string {
  if (wanted !== undefined) return wanted
  return to !== 'query' && (method === 'GET' || method === 'HEAD') ? 'POST' : method
}

/** The parameters of a query, which has its "?" or is empty, by name; a list where a name comes twice. */
export function valueOfQuery(query: string): Decoded {
  const text = query.startsWith('?') ? query.slice(1) : query
  const bytes = new TextEncoder().encode(text).buffer as ArrayBuffer
  return decodeBody(bytes, 'form', {})
}

/** The query of a value, with its "?", or empty. */
export function queryOfValue(value: unknown): string | Invalid {
  const encoded = encodeBody(value, 'form', {})
  if (encoded.kind === 'invalid') return encoded
  const { bytes } = encoded
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)
  return text === '' ? '' : `?${text}`
}
