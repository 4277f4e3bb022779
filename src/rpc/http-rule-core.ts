/** Reads the extension `google.api.http` of a method (google/api/http.proto): which requests of HTTP are this call. Pure. */
import { readWire, textOf, type WireField } from './wire-core.ts'

/** One binding; those of `additional_bindings` stand behind the first. */
export interface HttpRule {
  /** In capitals; `*` of a custom rule takes every method. */
  readonly method: string
  readonly path: string
  /** `*`: the whole message; a name: that field; null: none. */
  readonly body: string | null
  /** The field of the answer that is sent in its place; null sends the whole message. */
  readonly responseBody: string | null
}

/** The number of the extension in google.protobuf.MethodOptions (google/api/annotations.proto). */
export const HTTP_EXTENSION = 72_295_728

const MAX_BINDINGS = 100 // People write a few `additional_bindings`; each is a route.

const methods: ReadonlyMap<number, string> = new Map([
  [2, 'GET'],
  [3, 'PUT'],
  [4, 'POST'],
  [5, 'DELETE'],
  [6, 'PATCH'],
])
const BODY = 7
const CUSTOM = 8
const ADDITIONAL = 11
const RESPONSE_BODY = 12

/** The bindings of a google.api.HttpRule, or null where the bytes are none. */
export function readHttpRules(bytes: Uint8Array): readonly HttpRule[] | null {
  const fields = readWire(bytes)
  if (fields === null) return null
  const rules: HttpRule[] = []
  const own = readRule(fields)
  if (own !== null) rules.push(own)
  // Bindings have no bindings of their own (google/api/http.proto).
  for (const { no, bytes: nested } of fields) {
    if (no !== ADDITIONAL || nested === null || rules.length >= MAX_BINDINGS) continue
    const inner = readWire(nested)
    if (inner === null) return null
    const rule = readRule(inner)
    if (rule !== null) rules.push(rule)
  }
  return rules
}

function readRule(fields: readonly WireField[]): HttpRule | null {
  let pattern: Pick<HttpRule, 'method' | 'path'> | null = null
  let body: string | null = null
  let responseBody: string | null = null
  for (const field of fields) {
    const method = methods.get(field.no)
    const text = textOf(field)
    if (method !== undefined && text !== null) pattern = { method, path: text }
    else if (field.no === BODY) body = text
    else if (field.no === RESPONSE_BODY) responseBody = text
    else if (field.no === CUSTOM && field.bytes !== null) pattern = readCustom(field.bytes)
  }
  return pattern === null
    ? null
    : { ...pattern, body: body || null, responseBody: responseBody || null }
}

function readCustom(bytes: Uint8Array): Pick<HttpRule, 'method' | 'path'> | null {
  const fields = readWire(bytes) ?? []
  const kind = fields.findLast(({ no }) => no === 1)
  const path = fields.findLast(({ no }) => no === 2)
  const method = kind === undefined ? null : textOf(kind)
  const text = path === undefined ? null : textOf(path)
  return method === null || text === null ? null : { method: method.toUpperCase(), path: text }
}
