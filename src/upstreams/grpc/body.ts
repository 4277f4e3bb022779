/** Reads the JSON body of a request that becomes a message. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { formatOf } from '../../formats/media-type.ts'
import { parseJson } from '../../http/utf8.ts'
import { readWholeBody } from '../../http/whole-body.ts'
import type { Exchange } from '../../pipeline/exchange.ts'

export type ReadBody = { readonly kind: 'body'; readonly value: unknown } | Refusal

const supported = ['application/json']

/** `value` is undefined where there is no body. */
export async function readBody({ outgoing }: Exchange, maxBytes: number): Promise<ReadBody> {
  const { body, headers } = outgoing
  if (body === null) return { kind: 'body', value: undefined }
  const type = headers['content-type'] ?? ''
  // Without a type it is what is expected here.
  if (type !== '' && formatOf(type).format !== 'json') {
    return refuse('MEDIA_TYPE_UNSUPPORTED', { members: { supported } })
  }
  const bytes = await readWholeBody(body, headers, maxBytes)
  if (!(bytes instanceof ArrayBuffer)) return bytes
  if (bytes.byteLength === 0) return { kind: 'body', value: undefined }
  const parsed = parseJson(bytes)
  return parsed === null ? refuse('BODY_INVALID') : { kind: 'body', ...parsed }
}
