/**
 * The answer of an aggregate: its parts as one body, with what caches and clients have to know of the whole. A
 * complete 200 has an entity tag, so that a client that has it already gets 304.
 */

import type { Refusal } from '../../../errors/refusal.ts'
import { isBodiless } from '../../../http/bodiless.ts'
import { COMPLETE_FIELD } from '../../../http/complete.ts'
import { matchesWeakly, parseTags } from '../../../http/etag.ts'
import { emptyFields, type Fields } from '../../../http/headers.ts'
import { originOf } from '../../../http/problem.ts'
import type { Answer, Exchange } from '../../../pipeline/exchange.ts'
import type { Part } from '../part.ts'
import type { AggregatePlan } from '../plan/plan.ts'
import type { Run } from '../run/run.ts'
import type { AggregateOptions } from '../schema.ts'
import { bindMerge, type Merge } from './merge.ts'
import { errorsOf } from './part-text.ts'
import { refusalOf } from './problem.ts'
import { bindResponse, type Word, type Worded } from './response.ts'
import { bindStream } from './stream.ts'
import { makeTag } from './tag.ts'

export type BoundAnswer = (exchange: Exchange, run: Run) => Promise<Answer>

/** `tells` says whether each call of an upstream names the caller. */
export function bindAnswer(
  options: AggregateOptions,
  plan: AggregatePlan,
  tells: (upstream: string) => boolean = () => false,
): BoundAnswer {
  const merge = bindMerge(options, plan, tells)
  if (options.stream !== undefined) return bindStream(plan, options.stream, merge)
  const word = bindResponse(options, plan)
  return async function answerWhole(exchange, run) {
    const end = await run.done
    if (end.kind === 'lacking') return refusalOf(end.call.name, end.failed)
    return makeAnswer(exchange, end.parts, { plan, word, merge })
  }
}

interface Bound {
  readonly plan: AggregatePlan
  readonly word: Word
  readonly merge: Merge
}

const encoder = new TextEncoder()

async function makeAnswer(
  exchange: Exchange,
  parts: readonly Part[],
  { plan, word, merge }: Bound,
): Promise<Answer> {
  const errors = errorsOf(plan, parts, originOf(exchange.target))
  const worded = word({ exchange, parts, errors })
  const answer = worded instanceof Promise ? await worded : worded
  if (answer.kind === 'refused') return incomplete(answer)
  const isComplete = errors.length === 0
  const fields = fieldsOf(exchange, parts, { answer, isComplete, merge })
  const cookies = merge.cookies(parts)
  const { status } = answer
  if (isBodiless(status)) {
    delete fields['content-type']
    return respond(null, status, fields, cookies)
  }
  // One encoding for the tag, the length and the wire.
  const bytes = encoder.encode(answer.text) as Uint8Array<ArrayBuffer>
  if (isComplete && status === 200 && isRead(exchange.method)) {
    const tag = makeTag(bytes)
    fields.etag = tag
    if (isKnown(exchange, tag)) return respond(null, 304, withoutContent(fields), cookies)
  }
  fields['content-length'] = String(bytes.byteLength)
  return respond(exchange.method === 'HEAD' ? null : bytes, status, fields, cookies)
}

/** The answer could not be worded: what it would have been made of does not matter then. */
function incomplete(refusal: Refusal): Refusal {
  return { ...refusal, headers: { ...refusal.headers, [COMPLETE_FIELD]: 'false' } }
}

function fieldsOf(
  exchange: Exchange,
  parts: readonly Part[],
  {
    answer,
    isComplete,
    merge,
  }: { readonly answer: Worded; readonly isComplete: boolean; readonly merge: Merge },
): Fields {
  const fields = emptyFields()
  fields['content-type'] = 'application/json'
  if (isComplete) merge.write(fields, exchange, parts)
  for (const [name, value] of answer.headers) fields[name] = value
  // Whatever the table says: what lacks a part is nobody's to keep (ROUTES.md §6).
  if (!isComplete) fields['cache-control'] = 'no-store'
  fields[COMPLETE_FIELD] = String(isComplete)
  return fields
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/**
 * Whether the client has this body already (RFC 9110 §13.1.2), by its condition as it goes on: the cache and what
 * changes answers take it out, or put it in their own terms. There is no date of change to compare.
 */
function isKnown({ outgoing }: Exchange, tag: string): boolean {
  const condition = outgoing.headers['if-none-match']
  if (condition === undefined) return false
  return condition.trim() === '*' || parseTags(condition).some((one) => matchesWeakly(one, tag))
}

/** What a 304 leaves out: it has no content to describe (RFC 9110 §15.4.5). */
function withoutContent(fields: Fields): Fields {
  const left = emptyFields()
  for (const name in fields) {
    if (!name.startsWith('content-') || name === 'content-location') left[name] = fields[name]!
  }
  return left
}

function respond(
  body: Uint8Array<ArrayBuffer> | null,
  status: number,
  fields: Fields,
  cookies: readonly string[],
): Response {
  const response = new Response(body, { status, headers: fields })
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
