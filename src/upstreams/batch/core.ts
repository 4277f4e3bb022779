/**
 * Reads a batch: which requests it asks for, or where it is wrong. Each request has the fields of the batch but for
 * those that describe its body, its form or its conditions, and then its own. Pure.
 */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { isObject } from '../../formats/json-object.ts'
import { breaksField, tokenForm } from '../../http/field-values.ts'
import type { Fields } from '../../http/headers.ts'
import { emptyFields } from '../../http/headers.ts'
import { framingNames, isStrippedInbound } from '../../http/stripped.ts'

/** One request of a batch. */
export interface BatchItem {
  /** As the client wrote it; null where it gave none. */
  readonly id: string | number | null
  readonly method: string
  /** Path and query, as written. */
  readonly path: string
  readonly headers: Fields
  readonly body: string | null
}

export type ReadBatch = { readonly kind: 'batch'; readonly items: readonly BatchItem[] } | Refusal

/** Methods that a gateway does not relay from within a body (RFC 9110 §9.3.6, §9.3.8). */
const refusedMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE'])
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const itemKeys: ReadonlySet<string> = new Set(['id', 'method', 'path', 'headers', 'json', 'body'])

export function readBatch(
  value: unknown,
  { received, maxRequests }: { readonly received: Readonly<Fields>; readonly maxRequests: number },
): ReadBatch {
  const list = isObject(value) ? value.requests : value
  if (!Array.isArray(list) || list.length === 0) {
    return invalid('/requests', 'a list of at least one request')
  }
  if (list.length > maxRequests) {
    return invalid('/requests', `at most ${maxRequests} requests, found ${list.length}`)
  }
  const inherited = inherit(received)
  const ids = new Set<unknown>()
  const items: BatchItem[] = []
  for (const [index, written] of list.entries()) {
    const at = `/requests/${index}`
    const read = readItem(written, inherited, at)
    if (read.kind === 'refused') return read
    const { item } = read
    if (item.id !== null && ids.has(item.id)) return invalid(`${at}/id`, 'an id of its own')
    ids.add(item.id)
    items.push(item)
  }
  return { kind: 'batch', items }
}

type ReadItem = { readonly kind: 'item'; readonly item: BatchItem } | Refusal

function readItem(written: unknown, inherited: Fields, at: string): ReadItem {
  if (!isObject(written)) return invalid(at, 'an object with `path`')
  if (Object.keys(written).some((key) => !itemKeys.has(key))) {
    return invalid(at, `no keys but ${[...itemKeys].join(', ')}`)
  }
  const { id = null, method = 'GET', path, json, body } = written
  if (id !== null && typeof id !== 'number' && !isShortText(id)) {
    return invalid(`${at}/id`, 'a number, or text of at most 100 characters')
  }
  if (typeof method !== 'string' || !/^[A-Z]{1,20}$/.test(method) || refusedMethods.has(method)) {
    return invalid(`${at}/method`, 'a method in capitals, neither CONNECT nor TRACE')
  }
  if (typeof path !== 'string' || !/^\/[^\s#\\\p{Cc}\p{Cs}]{0,8191}$/u.test(path)) {
    return invalid(`${at}/path`, 'a path that begins with "/", with its query')
  }
  const headers = Object.assign(emptyFields(), inherited)
  const refusal = writeHeaders(written.headers, headers, at)
  if (refusal !== null) return refusal
  const content = readContent({ json, body, method }, headers, at)
  if (content.kind === 'refused') return content
  return { kind: 'item', item: { id, method, path, headers, body: content.text } }
}

function writeHeaders(written: unknown, fields: Fields, at: string): Refusal | null {
  if (written === undefined) return null
  if (!isObject(written)) return invalid(`${at}/headers`, 'an object of names and values')
  for (const [name, value] of Object.entries(written)) {
    const lower = name.toLowerCase()
    // What says where a request came from, or frames a message, is not for a body to say.
    if (!tokenForm.test(name) || framingNames.has(lower) || isStrippedInbound(lower)) {
      return invalid(`${at}/headers`, 'names of fields that a client may send')
    }
    if (typeof value !== 'string' || breaksField(value)) {
      return invalid(`${at}/headers`, 'values that are text without line breaks')
    }
    fields[lower] = value
  }
  return null
}

type Content = { readonly kind: 'content'; readonly text: string | null } | Refusal

/** Sets the fields that describe the body, where there is one. */
function readContent(
  {
    json,
    body,
    method,
  }: { readonly json: unknown; readonly body: unknown; readonly method: string },
  headers: Fields,
  at: string,
): Content {
  if (json === undefined && body === undefined) return { kind: 'content', text: null }
  if (json !== undefined && body !== undefined) return invalid(at, '"json" or "body", not both')
  if (bodiless.has(method)) return invalid(at, `no body with ${method}`)
  if (json === undefined && typeof body !== 'string') return invalid(`${at}/body`, 'text')
  headers['content-type'] ??= json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  return { kind: 'content', text: json === undefined ? (body as string) : JSON.stringify(json) }
}

/**
 * Fields that are of the batch alone: they describe its body (RFC 9110 §8), ask for a form (§12.5.1, §12.5.3), set
 * conditions and ranges (§13, §14), or name this one message.
 */
const ownToBatch =
  /^(?:content-.*|if-.*|range|accept|accept-encoding|digest|repr-digest|expect|te|trailer|transfer-encoding|connection|upgrade|keep-alive|idempotency-key|x-request-id|traceparent|signature|signature-input)$/

function inherit(received: Readonly<Fields>): Fields {
  const fields = emptyFields()
  for (const [name, value] of Object.entries(received)) {
    if (!ownToBatch.test(name)) fields[name] = value
  }
  return fields
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100
}

function invalid(pointer: string, expected: string): Refusal {
  return refuse('BATCH_INVALID', {
    detail: `${pointer}: expected ${expected}.`,
    members: { pointer },
  })
}
