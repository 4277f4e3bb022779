/** Reads the answer of a service that says who may pass: what of it goes on, or back. Pure. */
import { base64Of } from '../../http/base64.ts'
import { breaksField } from '../../http/field-values.ts'

/** Name and value; a name may be there several times, as Set-Cookie is. */
export type Field = readonly [name: string, value: string]

/** What is kept of an answer: plain data, so that another request can use it. */
export type Decision =
  | {
      readonly kind: 'allowed'
      readonly subject: string | null
      readonly forward: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'denied'
      readonly status: number
      readonly headers: readonly Field[]
      /** In Base64; null where it was too long to be passed on. */
      readonly body: string | null
    }
  /** The service failed: it said neither yes nor no. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface AnswerFields {
  /** Lower-case names. */
  readonly responseHeaders: readonly string[]
  readonly subjectHeader: string | null
  readonly refusalHeaders: readonly string[]
}

export interface ReadableAnswer {
  readonly status: number
  readonly headers: Pick<Headers, 'get' | 'getSetCookie'>
  readonly body: ArrayBuffer | null
}

// Longer names come from a service that says something else than a name.
const MAX_SUBJECT_LENGTH = 1_024

/** 2xx is yes, 3xx and 4xx are no, all else is a service that failed. */
export function readDecision(
  { status, headers, body }: ReadableAnswer,
  fields: AnswerFields,
): Decision {
  if (status >= 200 && status < 300) {
    const subject = fields.subjectHeader === null ? null : headers.get(fields.subjectHeader)
    if (subject !== null && subject.length > MAX_SUBJECT_LENGTH) {
      return { kind: 'failed', reason: 'source-answer-malformed' }
    }
    return {
      kind: 'allowed',
      subject: subject === '' ? null : subject,
      forward: Object.fromEntries(fieldsOf(headers, fields.responseHeaders)),
    }
  }
  if (status < 300 || status > 499) return { kind: 'failed', reason: `source-status-${status}` }
  return {
    kind: 'denied',
    status,
    headers: fieldsOf(headers, fields.refusalHeaders),
    body: body === null ? null : base64Of(new Uint8Array(body)),
  }
}

function fieldsOf(headers: ReadableAnswer['headers'], names: readonly string[]): Field[] {
  return names.flatMap((name): Field[] => {
    if (name === 'set-cookie') return headers.getSetCookie().map((value) => [name, value])
    const value = headers.get(name)
    return value === null || breaksField(value) ? [] : [[name, value]]
  })
}

/** Whether a decision may be kept for others: a cookie is for one client, and a failure is no decision. */
export function isKeepable(decision: Decision): boolean {
  switch (decision.kind) {
    case 'allowed':
      return true
    case 'denied':
      return !decision.headers.some(([name]) => name === 'set-cookie')
    case 'failed':
      return false
  }
}
