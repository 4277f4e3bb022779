/** Bodies of answers as values: read within a bound, and answers made of what they became. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { decodeBody } from '../formats/decode.ts'
import type { Format } from '../formats/format.ts'
import { formatOf } from '../formats/media-type.ts'
import { discardBody, isEncoded, readLength } from '../http/body.ts'
import { decodeContent } from './content-encoding.ts'
import { staleFields } from './content-fields.ts'
import { takeHanded } from './handed.ts'
import { nameOf, type ReadOptions, type ValueOf } from './read-options.ts'
import { markTag, tagOf } from './tags.ts'
import { takeBytes } from './take-bytes.ts'

export interface UntouchedAnswer {
  readonly kind: 'untouched'
  /** In the place of the answer that was given: it has all bytes still. */
  readonly response: Response
}

export type ReadAnswer = ValueOf | UntouchedAnswer | Refusal

/** Bytes that were taken, of the format that their media type names. */
export interface BytesOf {
  readonly kind: 'bytes'
  readonly bytes: ArrayBuffer
  readonly format: Format
  readonly charset: string | null
}

/**
 * The body of an answer as a value. A media type that is not read, and a body without a byte, is untouched; of a
 * media type that is no format nothing is read, so that streams stay streams.
 */
export async function readAnswerValue(
  response: Response,
  options: ReadOptions,
): Promise<ReadAnswer> {
  const known = takeHanded(response)
  if (known !== undefined && options.formats?.includes(known.format) !== false) {
    return { kind: 'value', ...known }
  }
  const read = await readAnswerBytes(response, options)
  if (read.kind !== 'bytes') return read
  const { bytes, format, charset } = read
  const decoded = decodeBody(bytes, format, { ...options, charset })
  if (decoded.kind === 'value') return { kind: 'value', value: decoded.value, format }
  return invalidAnswer(format, decoded.reason)
}

/** The refusal of an answer whose body is not what it says. */
export function invalidAnswer(format: Format, reason: string): Refusal {
  return refuse('UPSTREAM_BODY_INVALID', {
    detail: `The body cannot be read as ${nameOf[format]}: ${reason}.`,
    reason: 'body-invalid',
  })
}

/** The bytes of an answer's body, without the codings that it came in. */
export async function readAnswerBytes(
  response: Response,
  options: ReadOptions,
): Promise<BytesOf | UntouchedAnswer | Refusal> {
  const { body, headers } = response
  if (body === null) return { kind: 'untouched', response }
  const { format, charset } = formatOf(headers.get('content-type') ?? undefined)
  if (format === null || options.formats?.includes(format) === false) {
    return { kind: 'untouched', response }
  }
  const coding = isEncoded(headers.get('content-encoding')) ? headers.get('content-encoding') : null
  const { maxBytes, onTooLarge } = options
  // Of an encoded body the field tells how long it is before it is decoded.
  const declared = coding === null ? readLength(headers.get('content-length') ?? undefined) : null
  if (declared !== null && declared > maxBytes) {
    if (onTooLarge === 'pass') return { kind: 'untouched', response }
    discardBody(body)
    return tooLarge(maxBytes)
  }
  const taken = await takeBytes(body, maxBytes)
  if (taken.kind === 'broken') return broken
  if (taken.kind === 'longer') {
    if (onTooLarge === 'pass')
      return { kind: 'untouched', response: withBody(response, taken.body) }
    discardBody(taken.body)
    return tooLarge(maxBytes)
  }
  const content = coding === null ? taken : await decodeContent(taken.bytes, coding, maxBytes)
  switch (content.kind) {
    case 'longer':
      if (onTooLarge !== 'pass') return tooLarge(maxBytes)
      return { kind: 'untouched', response: withBody(response, taken.bytes) }
    case 'broken':
      return broken
    case 'whole':
      break
  }
  if (content.bytes.byteLength === 0) {
    return { kind: 'untouched', response: withBody(response, taken.bytes) }
  }
  return { kind: 'bytes', bytes: content.bytes, format, charset }
}

const broken = refuse('UPSTREAM_BODY_INVALID', {
  detail: 'The body broke off, or its encoding is none that can be read.',
  reason: 'body-broken',
})

function tooLarge(maxBytes: number): Refusal {
  return refuse('UPSTREAM_BODY_TOO_LARGE', { members: { maxBytes }, reason: 'body-too-large' })
}

/** The same answer with the body that was looked into. */
function withBody(response: Response, body: ReadableStream | ArrayBuffer): Response {
  return new Response(body, response)
}

/**
 * The answer with another body: no field of it tells of the old one. Its entity tag is marked as that of another
 * form. A null body is that of an answer to HEAD: the fields are those that GET would get.
 */
export function makeAnswer(
  response: Response,
  body: string | ArrayBuffer | null,
  contentType: string,
  mark: string,
): Response {
  const headers = new Headers(response.headers)
  for (const name of staleFields) headers.delete(name)
  headers.set('content-type', contentType)
  const tag = tagOf(response)
  if (tag !== null) headers.set('etag', markTag(tag, mark, true))
  const { status } = response
  return new Response(body, { status, headers })
}
