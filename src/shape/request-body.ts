/** Bodies of requests as values, on their way to the service: read within a bound, and nothing of them lost. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { decodeBody } from '../formats/decode.ts'
import { encodeBody } from '../formats/encode.ts'
import type { Format } from '../formats/format.ts'
import { formatOf } from '../formats/media-type.ts'
import { bodyTooLarge, discardBody, isEncoded, readLength } from '../http/body.ts'
import type { Exchange, Outgoing } from '../pipeline/exchange.ts'
import { staleFields } from './content-fields.ts'
import { handOn, takeHanded } from './handed.ts'
import {
  contentTypeFor,
  mediaTypesOf,
  nameOf,
  type ReadOptions,
  type ReadValue,
  type WriteOptions,
} from './read-options.ts'
import { takeBytes } from './take-bytes.ts'

type Sent = { readonly outgoing: Pick<Outgoing, 'headers' | 'body'> }

/**
 * The body of what goes on as a value. It stands in `outgoing.body` afterwards, as bytes or as the stream that it was.
 * One of another media type is untouched, and so is one without a byte: there is nothing that could be read.
 */
export async function readRequestValue(exchange: Sent, options: ReadOptions): Promise<ReadValue> {
  const { outgoing } = exchange
  const { body, headers } = outgoing
  if (body === null) return untouched
  const { format, charset } = formatOf(headers['content-type'])
  if (format === null || options.formats?.includes(format) === false) return untouched
  const known = takeHanded(body)
  if (known?.format === format) return { kind: 'value', ...known }
  if (isEncoded(headers['content-encoding'])) return refuse('BODY_ENCODED')
  if (charset !== null && !isCharset(charset)) return unsupported(options.formats)
  if ((readLength(headers['content-length']) ?? 0) > options.maxBytes) return tooLarge(options)
  const taken = await takeBytes(body, options.maxBytes)
  outgoing.body = taken.kind === 'whole' ? taken.bytes : taken.body
  switch (taken.kind) {
    case 'longer':
      if (options.onTooLarge === 'refuse') discardBody(taken.body)
      return tooLarge(options)
    case 'broken':
      return refuse('BODY_INVALID', { detail: 'The body broke off.', reason: 'body-broken' })
    case 'whole':
      return parse(taken.bytes, format, { ...options, charset })
  }
}

const untouched: ReadValue = { kind: 'untouched' }

function tooLarge({ onTooLarge, maxBytes }: ReadOptions): ReadValue {
  return onTooLarge === 'pass' ? untouched : bodyTooLarge(maxBytes)
}

function parse(
  bytes: ArrayBuffer,
  format: Format,
  options: ReadOptions & { readonly charset: string | null },
): ReadValue {
  if (bytes.byteLength === 0) return untouched
  const decoded = decodeBody(bytes, format, options)
  if (decoded.kind === 'value') return { kind: 'value', value: decoded.value, format }
  return refuse('BODY_INVALID', {
    detail: `The body cannot be read as ${nameOf[format]}: ${decoded.reason}.`,
  })
}

/** Whether the runtime can read text in a character set of this name. */
function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

/** The refusal of a media type, with those that are taken. */
export function unsupported(formats: readonly Format[] | null): Refusal {
  return refuse('MEDIA_TYPE_UNSUPPORTED', { members: { supported: mediaTypesOf(formats) } })
}

/** Puts a value in the place of the body; why not, where it cannot be written in this format. */
export function writeRequestValue(
  exchange: Pick<Exchange, 'outgoing'>,
  value: unknown,
  format: Format,
  options: WriteOptions = {},
): Refusal | null {
  const encoded = encodeBody(value, format, options)
  if (encoded.kind === 'invalid') {
    return refuse('BODY_INVALID', {
      detail: `The body cannot be sent on as ${nameOf[format]}: ${encoded.reason}.`,
      reason: 'unwritable',
    })
  }
  const type = contentTypeFor(exchange.outgoing.headers['content-type'], format)
  putRequestBody(exchange.outgoing, encoded.bytes, type)
  const { body } = exchange.outgoing
  if (body instanceof ArrayBuffer) handOn(body, { value, format })
  return null
}

/** The same for bytes that are written already. */
export function putRequestBody(
  outgoing: Pick<Outgoing, 'headers' | 'body'>,
  bytes: ArrayBuffer | string,
  contentType: string,
): void {
  dropRequestBody(outgoing)
  outgoing.body = typeof bytes === 'string' ? encodeText(bytes) : bytes
  outgoing.headers['content-type'] = contentType
}

/** Takes the body away, with what tells of it. */
export function dropRequestBody(outgoing: Pick<Outgoing, 'headers' | 'body'>): void {
  const { headers } = outgoing
  for (const name of staleFields) if (headers[name] !== undefined) delete headers[name]
  if (headers['content-type'] !== undefined) delete headers['content-type']
  outgoing.body = null
}

const encoder = new TextEncoder()

/** UTF-8 in a buffer of its own. */
function encodeText(text: string): ArrayBuffer {
  return encoder.encode(text).buffer as ArrayBuffer
}
