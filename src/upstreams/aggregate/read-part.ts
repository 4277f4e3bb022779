/** Reads the answer of a service as the part of a call: JSON unless the call says otherwise. */

import { decodeText } from '../../formats/charset.ts'
import { decodeBody } from '../../formats/decode.ts'
import { formatOf } from '../../formats/media-type.ts'
import type { AnswerEdit, Exchange } from '../../pipeline/exchange.ts'
import type { Timers } from '../../platform/ports.ts'
import { type AnswerFields, readAnswerFields } from './answer-edits.ts'
import { failed, failedAnswer } from './failure.ts'
import type { Single } from './part.ts'
import { type BodyRead, readBody } from './read-body.ts'

export interface ReadRules {
  readonly from: 'json' | 'xml' | 'text' | undefined
  readonly maxBodyBytes: number
  /** Something reads the value, and not only the text. */
  readonly isUsed: boolean
}

export interface ReadMoment {
  readonly exchange: Exchange
  readonly edits: readonly AnswerEdit[]
  /** Milliseconds from now until the body has to be there. */
  readonly ms: number
  readonly signal: AbortSignal
  readonly timers: Timers
}

export async function readPart(
  response: Response,
  { exchange, edits, ms, signal, timers }: ReadMoment,
  rules: ReadRules,
): Promise<Single> {
  const fields = readAnswerFields(response, edits, exchange)
  const { status, body } = response
  // What is not read would hold its connection.
  const drop = () => void body?.cancel().catch(() => {})
  if (status >= 400) {
    drop()
    return failedAnswer(status, fields.headers)
  }
  // No content (RFC 9110 §15.3.5, §15.3.6), or an answer to HEAD.
  const isEmpty = body === null || fields.headers['content-length'] === '0'
  if (isEmpty || status === 204 || status === 205) {
    drop()
    return nothing(status, fields)
  }
  // Of what cannot be read one byte is enough: no content is no wrong content.
  const isKnown = isReadable(fields, rules.from)
  const maxBytes = isKnown ? rules.maxBodyBytes : 0
  const read = await readBody(response, { maxBytes, ms, timers, signal })
  if (read.kind === 'too-large' && !isKnown) return unreadable(fields)
  // What counts on the body's end hears of it where it never comes.
  if (read.kind !== 'read') {
    exchange.onLeave?.()
    return notRead(read, fields, rules.maxBodyBytes)
  }
  if (read.bytes.byteLength === 0) return nothing(status, fields)
  return decode(read.bytes, status, fields, rules)
}

function isReadable({ headers }: AnswerFields, from: ReadRules['from']): boolean {
  const type = headers['content-type']
  if (type === undefined) return true
  // Said by the table: whatever the service calls it.
  if (from !== undefined) return true
  return formatOf(type).format === 'json'
}

function decode(
  bytes: ArrayBuffer,
  status: number,
  fields: AnswerFields,
  { from = 'json', isUsed }: ReadRules,
): Single {
  const { charset } = formatOf(fields.headers['content-type'])
  if (from === 'xml') {
    const decoded = decodeBody(bytes, 'xml', { charset })
    return decoded.kind === 'value'
      ? { kind: 'answered', status, ...fields, text: null, value: decoded.value }
      : unreadable(fields)
  }
  const text = decodeText(bytes, charset)
  if (text === null) return unreadable(fields)
  if (from === 'text') return { kind: 'answered', status, ...fields, text: null, value: text }
  const parsed = parseJson(text)
  if (parsed === null) return unreadable(fields)
  return answered(status, fields, text, isUsed ? parsed : null)
}

interface Parsed {
  readonly value: unknown
}

function parseJson(text: string): Parsed | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return null
  }
}

/** Values that nobody reads are not held: of a hundred large bodies only the texts are. */
function answered(
  status: number,
  fields: AnswerFields,
  text: string,
  parsed: Parsed | null,
): Single {
  let held = parsed
  return {
    kind: 'answered',
    status,
    headers: fields.headers,
    cookies: fields.cookies,
    text,
    get value() {
      held ??= { value: JSON.parse(text) }
      return held.value
    },
  }
}

function nothing(status: number, fields: AnswerFields): Single {
  return { kind: 'answered', status, ...fields, text: 'null', value: null }
}

function unreadable({ headers }: AnswerFields): Single {
  return failed('UPSTREAM_BODY_INVALID', { headers, reason: 'body' })
}

function notRead(
  { kind }: Exclude<BodyRead, { kind: 'read' }>,
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
