/** Puts together the message of a call as JSON: from the body, the query and the path, in this order, the last wins. Pure. */
import type { DescMessage } from '@bufbuild/protobuf'
import { isObject } from '../../formats/json-object.ts'
import {
  coerceText,
  type Draft,
  type Fault,
  faultAt,
  fieldNamed,
  hasOwnJson,
  readField,
  unknownAt,
  writeField,
} from './fields-core.ts'
import type { PathValues } from './path-template-core.ts'

export interface Parts {
  /** The JSON of the body; undefined where there is none. */
  readonly body: unknown
  /** `*`: the body is the message; a name: it is that field; null: it is not read. */
  readonly bodyField: string | null
  /** With its "?", or empty; null where it is not read. */
  readonly query: string | null
  readonly values: PathValues
  /** Of the path: what the message does not have is passed over. */
  readonly isLooseInPath: boolean
  /** The same of the query. */
  readonly isLooseInQuery: boolean
}

export type Filled = { readonly kind: 'filled'; readonly json: Draft } | Fault

const MAX_PARAMETERS = 1_000
const MAX_DEPTH = 32 // names of nested fields in one parameter

export function fillMessage(message: DescMessage, parts: Parts): Filled {
  const began = beginWithBody(message, parts)
  if (began.kind === 'fault') return began
  const { json } = began
  if (parts.query !== null && parts.query.length > 1) {
    const fault = putQuery(json, message, parts.query, parts.isLooseInQuery)
    if (fault !== null) return fault
  }
  for (const { field, value } of parts.values) {
    const fault = putTexts(json, message, field, [value])
    if (fault !== null && !(fault.isUnknown && parts.isLooseInPath)) return fault
  }
  return began
}

function beginWithBody(message: DescMessage, { body, bodyField }: Parts): Filled {
  if (bodyField === null || body === undefined) return { kind: 'filled', json: {} }
  if (bodyField === '*') {
    // It was parsed for this message alone, and becomes it.
    return isObject(body) ? { kind: 'filled', json: body as Draft } : faultAt([], 'an object')
  }
  const field = fieldNamed(message, bodyField)
  if (field === null) return unknownAt([bodyField])
  const json: Draft = {}
  writeField(json, field, body)
  return { kind: 'filled', json }
}

function putQuery(
  json: Draft,
  message: DescMessage,
  query: string,
  isLoose: boolean,
): Fault | null {
  const byName = new Map<string, string[]>()
  let count = 0
  for (const [name, text] of new URLSearchParams(query)) {
    count += 1
    if (count > MAX_PARAMETERS) return faultAt([], `at most ${MAX_PARAMETERS} parameters`)
    const texts = byName.get(name)
    if (texts === undefined) byName.set(name, [text])
    else texts.push(text)
  }
  for (const [name, texts] of byName) {
    const fault = putTexts(json, message, name.split('.'), texts)
    if (fault !== null && !(fault.isUnknown && isLoose)) return fault
  }
  return null
}

/** Puts texts in the place of what a field has; several only where it is a list. */
function putTexts(
  root: Draft,
  message: DescMessage,
  names: readonly string[],
  texts: readonly string[],
): Fault | null {
  if (names.length > MAX_DEPTH) return faultAt(names.slice(0, MAX_DEPTH), 'fewer names')
  let json = root
  let scope = message
  for (const [index, name] of names.entries()) {
    const field = fieldNamed(scope, name)
    const path = names.slice(0, index + 1)
    if (field === null) return unknownAt(path)
    if (index === names.length - 1) {
      const values: unknown[] = []
      for (const text of texts) {
        const coerced = coerceText(field, text)
        if (coerced.kind === 'not') return faultAt(path, coerced.expected)
        values.push(coerced.value)
      }
      if (field.fieldKind === 'list') writeField(json, field, values)
      else if (values.length > 1) return faultAt(path, 'it once')
      else writeField(json, field, values[0])
      return null
    }
    if (field.fieldKind !== 'message' || hasOwnJson(field.message)) {
      return faultAt(path, 'a field with fields of its own')
    }
    const found = readField(json, field)
    if (found !== undefined && found !== null && !isObject(found)) return faultAt(path, 'an object')
    const inner: Draft = (found as Draft | null | undefined) ?? {}
    if (inner !== found) writeField(json, field, inner)
    json = inner
    scope = field.message
  }
  return null
}
