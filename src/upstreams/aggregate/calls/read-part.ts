/** Reads the answer of a service as the part of a call: JSON unless the call says otherwise. */

import { decodeText } from '../../../formats/charset.ts'
import { decodeBody } from '../../../formats/decode.ts'
import { formatOf } from '../../../formats/media-type.ts'
import { readLength } from '../../../http/body.ts'
import { type ParsedJson, parseJsonText } from '../../../http/utf8.ts'
import type { AnswerEdit, Exchange } from '../../../pipeline/exchange.ts'
import { type BodyRead, readBody } from '../../read-body.ts'
import type { Waits } from '../../waits.ts'
import type { Answered, Single } from '../part.ts'
import { type AnswerFields, readAnswerFields } from './answer-fields.ts'
import { failed, failedAnswer } from './failure.ts'

export interface ReadRules {
  readonly from: 'json' | 'xml' | 'text' | undefined
  readonly maxBodyBytes: number
  /** Something reads the value, and not only the text. */
  readonly isUsed: boolean
  /** Something may read any header field. */
  readonly showsFields: boolean
}

export interface ReadMoment {
  readonly exchange: Exchange
  readonly edits: readonly AnswerEdit[]
  /** When the body has to be there, milliseconds since 1970. */
  readonly endsAt: number
  readonly waits: Waits
}

export function readPart(
  response: Response,
  { exchange, edits, endsAt, waits }: ReadMoment,
  rules: ReadRules,
): Single | Promise<Single> {
  const fields = readAnswerFields(response, edits, exchange, rules.showsFields)
  const { status } = response
  if (status >= 400) {
    drop(response)
    return failedAnswer(status, fields.headers)
  }
  // No content (RFC 9110 §15.3.5, §15.3.6).
  const length = lengthOf(fields.headers)
  if (length === 0 || status === 204 || status === 205) {
    drop(response)
    return nothing(status, fields)
  }
  const type = fields.headers['content-type']
  const { format, charset } = formatOf(type)
  // Said by the table: whatever the service calls it.
  const isKnown = type === undefined || rules.from !== undefined || format === 'json'
  const isUtf8 = (format === 'json' || type === undefined) && isUnmarked(charset, rules.from)
  // Of what cannot be read one byte is enough: no content is no wrong content.
  const maxBytes = isKnown ? rules.maxBodyBytes : 0
  const bounds = { length, maxBytes, endsAt, waits, isUtf8 }
  return readBody(response, bounds, (read) => {
    switch (read.kind) {
      case 'text':
        return read.text === ''
          ? nothing(status, fields)
          : readJson(read.text, status, fields, rules)
      case 'read':
        if (read.bytes.byteLength === 0) return nothing(status, fields)
        return decode(read.bytes, charset, status, fields, rules)
      case 'garbled':
        return unreadable(fields)
      default:
        if (read.kind === 'too-large' && !isKnown) return unreadable(fields)
        // What counts on the body's end hears of it where it never comes.
        exchange.onLeave?.()
        return notRead(read, fields, rules.maxBodyBytes)
    }
  })
}

/** What is not read would hold its connection. */
function drop({ body }: Response): void {
  body?.cancel().catch(() => {})
}

/** Of an encoded body the length says nothing. */
function lengthOf(fields: AnswerFields['headers']): number | null {
  if (fields['content-encoding'] !== undefined) return null
  return readLength(fields['content-length'])
}

/** JSON is UTF-8 unless it says otherwise (RFC 8259 §8.1). */
function isUnmarked(charset: string | null, from: ReadRules['from']): boolean {
  return from !== 'xml' && from !== 'text' && (charset === null || charset === 'utf-8')
}

function decode(
  bytes: ArrayBuffer,
  charset: string | null,
  status: number,
  fields: AnswerFields,
  rules: ReadRules,
): Single {
  const { from = 'json' } = rules
  if (from === 'xml') {
    const decoded = decodeBody(bytes, 'xml', { charset })
    return decoded.kind === 'value'
      ? { kind: 'answered', status, ...fields, text: null, value: decoded.value }
      : unreadable(fields)
  }
  const text = decodeText(bytes, charset)
  if (text === null) return unreadable(fields)
  if (from === 'text') return { kind: 'answered', status, ...fields, text: null, value: text }
  return readJson(text, status, fields, rules)
}

function readJson(
  text: string,
  status: number,
  fields: AnswerFields,
  { isUsed }: ReadRules,
): Single {
  const parsed = parseJsonText(text)
  if (parsed === null) return unreadable(fields)
  return answered(status, fields, text, isUsed ? parsed : null)
}

/** Values that nobody reads are not held: of a hundred large bodies only the texts are. */
function answered(
  status: number,
  fields: AnswerFields,
  text: string,
  parsed: ParsedJson | null,
): Single {
  return new AnsweredText(status, fields, text, parsed)
}

/** A class, since the runtime is called to make each object that has a getter of its own. */
class AnsweredText implements Answered {
  readonly kind = 'answered'
  readonly status: number
  readonly headers: AnswerFields['headers']
  readonly cookies: AnswerFields['cookies']
  readonly text: string
  #parsed: ParsedJson | null

  constructor(status: number, fields: AnswerFields, text: string, parsed: ParsedJson | null) {
    this.status = status
    this.headers = fields.headers
    this.cookies = fields.cookies
    this.text = text
    this.#parsed = parsed
  }

  get value(): unknown {
    this.#parsed ??= { value: JSON.parse(this.text) }
    return this.#parsed.value
  }
}

function nothing(status: number, fields: AnswerFields): Single {
  return { kind: 'answered', status, ...fields, text: 'null', value: null }
}

function unreadable({ headers }: AnswerFields): Single {
  return failed('UPSTREAM_BODY_INVALID', { headers, reason: 'body' })
}

function notRead(
  { kind }: Extract<BodyRead, { kind: 'too-large' | 'late' | 'broken' }>,
  { headers }: AnswerFields,
  maxBodyBytes: number,
): Single {
  switch (kind) {
    case 'too-large':
      return failed('UPSTREAM_BODY_TOO_LARGE', {
        headers,
        detail: `The answer of a call may have at most ${maxBodyBytes} bytes.`,
      })
    case 'late':
      return failed('UPSTREAM_TIMEOUT', {
        headers,
        detail: 'The body of the answer did not end in time.',
      })
    case 'broken':
      return failed('UPSTREAM_UNREACHABLE', {
        headers,
        detail: 'The connection to the service was lost before the answer ended.',
      })
  }
}
