/**
 * Makes the answer of a stored one for the request at hand (RFC 9111 §4): 304 where the client has it already, a
 * range where it asks for one, no body for HEAD; Age always.
 */

import { isBodiless } from '../http/bodiless.ts'
import { discardBody } from '../http/body.ts'
import { allowsRange, type ClientConditions, isNotModified } from '../http/etag.ts'
import { emptyFields, type Fields } from '../http/headers.ts'
import { judgeRange, writeContentRange } from '../http/ranges.ts'
import type { AnswerHead, StoredAnswer } from './answer.ts'
import { joined } from './fields.ts'
import { ageOf, dateOf } from './freshness-core.ts'
import { sliceStream } from './slice-stream.ts'
import { withLength } from './with-length.ts'

export interface Asking {
  readonly method: string
  /** As received: the client's own conditions. */
  readonly received: Readonly<Fields>
  readonly now: number
  /** Milliseconds, where the age is known already. */
  readonly ageMs?: number
}

/** Meant for this gateway alone. */
const OWN_FIELD = 'isogate-cache-control'

export function conditionsOf(received: Readonly<Fields>): ClientConditions {
  return {
    ifNoneMatch: received['if-none-match'],
    ifModifiedSince: received['if-modified-since'],
  }
}

export function answerFrom({ head, body }: StoredAnswer, asking: Asking): Response {
  const { method, received, now } = asking
  const isHead = method === 'HEAD'
  if (head.status === 200) {
    if (isUnchanged(head, received, now)) {
      discardBody(body)
      return makeResponse(notModified(head), null, asking, 304)
    }
    if (!isHead && received.range !== undefined) {
      const part = answerRange({ head, body }, asking)
      if (part !== null) return part
    }
  }
  const bare = isHead || body === null || isBodiless(head.status)
  if (bare) discardBody(body)
  return makeResponse(head, bare ? null : body, asking, head.status)
}

/** Whether the client's own copy is the stored one (RFC 9111 §4.3.2). */
export function isUnchanged(head: AnswerHead, received: Readonly<Fields>, now: number): boolean {
  const conditions = conditionsOf(received)
  if (conditions.ifNoneMatch === undefined && conditions.ifModifiedSince === undefined) return false
  return isNotModified(conditions, validatorsOf(head), { dateMs: dateOf(head), now })
}

function validatorsOf({ fields }: AnswerHead) {
  return { etag: joined(fields, 'etag'), lastModified: joined(fields, 'last-modified') }
}

function answerRange({ head, body }: StoredAnswer, asking: Asking): Response | null {
  const { received, now } = asking
  // A range is of the bytes as they are sent; what is stored encoded is read decoded.
  const isEncoded = joined(head.fields, 'content-encoding') !== null
  if (head.length === null || body === null || isEncoded) return null
  if (!allowsRange(received['if-range'], validatorsOf(head), { dateMs: dateOf(head), now }))
    return null
  const range = judgeRange(received.range, head.length)
  if (range.kind === 'whole') return null
  const fields = head.fields.filter(
    ([name]) => name !== 'content-length' && name !== 'content-range',
  )
  if (range.kind === 'unsatisfiable') {
    discardBody(body)
    const contentRange = ['content-range', writeContentRange(null, head.length)] as const
    return makeResponse({ ...head, fields: [...fields, contentRange] }, null, asking, 416)
  }
  const contentRange = ['content-range', writeContentRange(range, head.length)] as const
  const part =
    body instanceof ArrayBuffer
      ? body.slice(range.first, range.last + 1)
      : withLength(sliceStream(body, range.first, range.last), range.last - range.first + 1)
  return makeResponse({ ...head, fields: [...fields, contentRange] }, part, asking, 206)
}

/** What a 304 says (RFC 9110 §15.4.5). */
const ofNotModified = new Set([
  'cache-control',
  'cdn-cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  // Whether an aggregate has all of its parts (ROUTES.md §6): said of a copy that is still good, too.
  'isogate-complete',
  'last-modified',
  'vary',
])

/** The head without what tells of a body that does not come. */
export function notModified(head: AnswerHead): AnswerHead {
  return { ...head, fields: head.fields.filter(([name]) => ofNotModified.has(name)) }
}

function makeResponse(
  head: AnswerHead,
  body: BodyInit | null,
  { now, ageMs }: Asking,
  status: number,
): Response {
  // §5.1: in seconds, and on every answer out of the store.
  const age = String(Math.floor((ageMs ?? ageOf(head, now)) / 1000))
  return new Response(body, { status, headers: fieldsWith(age, head) })
}

/** The runtime takes an object in half the time of a list; only a list can name a field twice. */
function fieldsWith(age: string, { fields }: AnswerHead): Fields | [string, string][] {
  const single = emptyFields()
  for (const [name, value] of fields) {
    if (name === 'age' || name === OWN_FIELD) continue
    if (single[name] !== undefined) return linesWith(age, fields)
    single[name] = value
  }
  single.age = age
  return single
}

function linesWith(age: string, fields: AnswerHead['fields']): [string, string][] {
  const lines: [string, string][] = []
  for (const [name, value] of fields) {
    if (name !== 'age' && name !== OWN_FIELD) lines.push([name, value])
  }
  lines.push(['age', age])
  return lines
}
