/** Turns an answer of the service, which is one of the newest version, into one for the client's. */
import { refuse } from '../../errors/refusal.ts'
import { encodeBody } from '../../formats/encode.ts'
import { formatOf } from '../../formats/media-type.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import { makeAnswer, readAnswerValue } from '../../shape/answer-body.ts'
import { markAnswer } from '../../shape/tags.ts'
import { type Chain, passSteps } from './chain.ts'
import { withoutCharset } from './media-type-core.ts'

/** Writes the client's version into a media type; null where the client did not ask by one. */
export type MarkType = ((type: string) => string) | null

/** Status, body and media type for the client. What nothing changes is the same object, its body unread. */
export async function lowerAnswer(
  exchange: Exchange,
  response: Response,
  chain: Chain,
  markType: MarkType,
): Promise<Answer> {
  const shaped = chain.down.length === 0 ? response : await lowerBody(exchange, response, chain)
  return shaped instanceof Response ? relabel(shaped, chain, markType) : shaped
}

// A part of a body cannot be changed; what has no body has nothing to change.
const unshaped = new Set([204, 205, 206])

async function lowerBody(exchange: Exchange, response: Response, chain: Chain): Promise<Answer> {
  if (response.status === 304) return withMark(response, chain.mark)
  if (!response.ok || unshaped.has(response.status)) return response
  const type = response.headers.get('content-type') ?? ''
  if (exchange.method === 'HEAD') {
    const isShaped = formatOf(type).format === 'json'
    return isShaped ? makeAnswer(response, null, withoutCharset(type), chain.mark) : response
  }
  const read = await readAnswerValue(response, chain.reading)
  if (read.kind === 'untouched') return read.response
  if (read.kind === 'refused') return read
  const shaped = await passSteps(read.value, chain.down, exchange)
  if (shaped.kind === 'refused') return shaped
  const encoded = encodeBody(shaped.value, read.format, {})
  if (encoded.kind === 'invalid') return refuse('TRANSFORM_FAILED', { reason: 'unwritable' })
  return makeAnswer(response, encoded.bytes, withoutCharset(type), chain.mark)
}

/** The client asked by the tag of the form that it has: it is answered in terms of that. */
function withMark(response: Response, mark: string): Response {
  if (!response.headers.has('etag')) return response
  const marked = new Response(null, { status: 304, headers: response.headers })
  markAnswer(marked, mark)
  return marked
}

const bodiless = new Set([204, 205, 304])

/** Another status and another media type in one new response, or the same response where neither changes. */
function relabel(response: Response, { statusOf }: Chain, markType: MarkType): Response {
  // An upgrade is no answer of any version.
  if (response.status === 101) return response
  const status = statusOf === null ? response.status : statusOf(response.status)
  const type = markType === null || !response.ok ? null : response.headers.get('content-type')
  const marked = type === null ? null : (markType?.(type) ?? null)
  if (status === response.status && marked === type) return response
  const hasBody = !bodiless.has(status)
  if (!hasBody) response.body?.cancel().catch(() => {})
  const relabeled = new Response(hasBody ? response.body : null, {
    status,
    headers: response.headers,
  })
  if (!hasBody) relabeled.headers.delete('content-length')
  if (marked !== null) relabeled.headers.set('content-type', marked)
  return relabeled
}
