/** Reads the JSON body of a request that becomes a message. */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { bodyTooLarge, readLength } from '../../http/body.ts'
import { essenceOf } from '../../http/essence.ts'
import { readUpTo } from '../../http/read-up-to.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { parseJson } from './read-core.ts'

export type ReadBody = { readonly kind: 'body'; readonly value: unknown } | Refusal

const supported = ['application/json']

/** `value` is undefined where there is no body. */
export async function readBody({ outgoing }: Exchange, maxBytes: number): Promise<ReadBody> {
  const { body, headers } = outgoing
  if (body === null) return { kind: 'body', value: undefined }
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity') return refuse('BODY_ENCODED')
  const type = essenceOf(headers['content-type'])
  if (type !== '' && type !== 'application/json' && !type.endsWith('+json')) {
    return refuse('MEDIA_TYPE_UNSUPPORTED', { members: { supported } })
  }
  if ((readLength(headers['content-length']) ?? 0) > maxBytes) return bodyTooLarge(maxBytes)
  const bytes = body instanceof ArrayBuffer ? body : await readUpTo(body, maxBytes)
  if (bytes === null || bytes.byteLength > maxBytes) return bodyTooLarge(maxBytes)
  if (bytes.byteLength === 0) return { kind: 'body', value: undefined }
  const value = parseJson(new Uint8Array(bytes))
  return value === undefined ? refuse('BODY_INVALID') : { kind: 'body', value }
}
