/**
 * Makes the answer that goes out of the one that came: read, changed, written. What is not read passes as the stream
 * that it is; entity tags are marked, so that conditions of clients mean the form that they have.
 */

import { type Refusal, refuse } from '../errors/refusal.ts'
import { encodeBody } from '../formats/encode.ts'
import { isObject } from '../formats/json-object.ts'
import { formatOf } from '../formats/media-type.ts'
import { discardBody } from '../http/body.ts'
import { COMPLETE_FIELD } from '../http/complete.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { makeAnswer, type ReadAnswer, readAnswerValue } from './answer-body.ts'
import { staleFields } from './content-fields.ts'
import { type FieldTree, selectFields } from './fields.ts'
import { handOn } from './handed.ts'
import type { Form } from './negotiation.ts'
import {
  contentTypeFor,
  isUtf8,
  nameOf,
  type ReadOptions,
  type WriteOptions,
} from './read-options.ts'
import type { BoundSteps } from './steps.ts'
import { markTag, tagOf } from './tags.ts'

export interface ShapingOptions {
  /** Its `formats` are those that are read: all others pass. */
  readonly read: ReadOptions
  readonly write: WriteOptions
  /** Whether answers of this status are changed. */
  isChosen(status: number): boolean
  readonly steps: Pick<BoundSteps, 'isEmpty' | 'apply'>
  /** How the value is read where it is not the body itself, and of which other statuses an answer is looked into. */
  readonly own?: {
    isRead(status: number): boolean
    read(response: Response): Promise<ReadAnswer>
  }
}

/** What one client gets. */
export interface Wanted {
  /** Null for the format that came. */
  readonly form: Form | null
  /** Null where it chose no members. */
  readonly tree: FieldTree | null
  /** Of the entity tag. */
  readonly mark: string
}

export type ShapedAnswer =
  | { readonly kind: 'answer'; readonly response: Response; readonly isChanged: boolean }
  | Refusal

export interface Shaping {
  /** Whether the body of this answer would be read. */
  isRead(exchange: Exchange, response: Response, wanted: Wanted): boolean
  shape(exchange: Exchange, response: Response, wanted: Wanted): Promise<ShapedAnswer>
}

export function bindShaping({ read, write, isChosen, steps, own }: ShapingOptions): Shaping {
  /** Whether something is to be done to its value, or to how that is written. */
  function isTurned(response: Response, { form, tree }: Wanted): boolean {
    if (!isChosen(response.status)) return false
    const { format, charset } = toldOf(response)
    if (format === null || read.formats?.includes(format) === false) return false
    if (!steps.isEmpty || tree !== null || own !== undefined) return true
    return (form !== null && form.format !== format) || !isUtf8(charset)
  }

  function isLookedInto(response: Response): boolean {
    if (own?.isRead(response.status) !== true) return false
    const { format } = toldOf(response)
    return format !== null && read.formats?.includes(format) !== false
  }

  function isRead({ method }: Exchange, response: Response, wanted: Wanted): boolean {
    if (method === 'HEAD' || response.body === null) return false
    return isTurned(response, wanted) || isLookedInto(response)
  }

  async function shape(
    exchange: Exchange,
    response: Response,
    wanted: Wanted,
  ): Promise<ShapedAnswer> {
    const { mark } = wanted
    if (response.status === 304) return passed(refreshed(response, mark))
    if (exchange.method === 'HEAD' && isTurned(response, wanted)) {
      discardBody(response.body)
      const made = makeAnswer(response, null, typeOf(response, wanted.form), mark)
      return { kind: 'answer', response: made, isChanged: true }
    }
    if (!isRead(exchange, response, wanted)) return passed(marked(response, mark))
    const taken = await (own === undefined ? readAnswerValue(response, read) : own.read(response))
    if (taken.kind === 'refused') return taken
    if (taken.kind === 'untouched') return passed(marked(taken.response, mark))
    return writeAnswer(exchange, response, taken.value, wanted)
  }

  async function writeAnswer(
    exchange: Exchange,
    response: Response,
    value: unknown,
    { form, tree, mark }: Wanted,
  ): Promise<ShapedAnswer> {
    const shaped = await steps.apply(value, { exchange, now: exchange.ports.clock.now() })
    if (shaped.kind === 'refused') return shaped
    const chosen = tree === null ? shaped.value : choose(response, shaped.value, tree)
    const format = form?.format ?? toldOf(response).format ?? 'json'
    const encoded = encodeBody(chosen, format, write)
    if (encoded.kind === 'invalid') {
      return refuse('UPSTREAM_BODY_INVALID', {
        detail: `The body cannot be written as ${nameOf[format]}: ${encoded.reason}.`,
        reason: 'unwritable',
      })
    }
    const made = makeAnswer(response, encoded.bytes, typeOf(response, form), mark)
    handOn(made, { value: chosen, format })
    return { kind: 'answer', response: made, isChanged: true }
  }

  return { isRead, shape }
}

/** A partial answer says what failed, whatever members the client chose: a null would look like no value. */
function choose({ headers }: Response, value: unknown, tree: FieldTree): unknown {
  const chosen = selectFields(value, tree)
  if (headers.get(COMPLETE_FIELD) !== 'false' || !isObject(value) || !isObject(chosen))
    return chosen
  return Object.hasOwn(value, 'errors') ? { ...chosen, errors: value.errors } : chosen
}

function toldOf(response: Response) {
  return formatOf(response.headers.get('content-type') ?? undefined)
}

function typeOf(response: Response, form: Form | null): string {
  const before = response.headers.get('content-type') ?? undefined
  const { format } = formatOf(before)
  if (form === null) return contentTypeFor(before, format ?? 'json')
  // `application/hal+json` stays what it is; of a format that was another the name is the one that was asked for.
  return form.format === format ? contentTypeFor(before, format) : form.contentType
}

function passed(response: Response): ShapedAnswer {
  return { kind: 'answer', response, isChanged: false }
}

/**
 * Answers that pass as they are get the mark too: clients send their tags back, and which form they have of this
 * place is told by it alone.
 */
function marked(response: Response, mark: string): Response {
  const tag = tagOf(response)
  if (tag === null || response.status < 200 || response.status > 299) return response
  const made = new Response(response.body, response)
  made.headers.set('etag', markTag(tag, mark, false))
  return made
}

/** A 304 updates what the client keeps (RFC 9111 §3.2): it must not tell of a body that the client never had. */
function refreshed(response: Response, mark: string): Response {
  const headers = new Headers(response.headers)
  for (const name of [...staleFields, 'content-type']) headers.delete(name)
  const tag = headers.get('etag')
  if (tag !== null) headers.set('etag', markTag(tag, mark, true))
  return new Response(null, { status: 304, headers })
}
