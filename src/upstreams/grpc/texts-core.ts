/** JSON whose strings were templates: what they read becomes of the type that its field has. Pure. */
import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { put } from '../../formats/format.ts'
import { isObject, type JsonObject } from '../../formats/json-object.ts'
import {
  coerceText,
  type Draft,
  type Fault,
  faultAt,
  fieldNamed,
  hasOwnJson,
  writeField,
} from './fields-core.ts'

/** Stands in JSON where a template stood. */
export class RenderedText {
  readonly text: string
  /** The template was one name, and the request has no value for it: the field stays away. */
  readonly isAbsent: boolean
  constructor(text: string, isAbsent: boolean) {
    this.text = text
    this.isAbsent = isAbsent
  }
}

export type Resolved = { readonly kind: 'filled'; readonly json: JsonObject } | Fault

type Path = readonly (string | number)[]

/** The JSON of a message, with values in the place of texts. What the message does not have stays, to be found later. */
export function resolveTexts(message: DescMessage, given: JsonObject, path: Path = []): Resolved {
  const json: Draft = {}
  for (const [key, found] of Object.entries(given)) {
    if (isAbsent(found)) continue
    const field = fieldNamed(message, key)
    if (field === null) {
      put(json, key, plain(found))
      continue
    }
    const resolved = resolveField(field, found, [...path, key])
    if (resolved.kind === 'fault') return resolved
    writeField(json, field, resolved.value)
  }
  return { kind: 'filled', json }
}

type Value = { readonly kind: 'value'; readonly value: unknown } | Fault

function resolveField(field: DescField, found: unknown, path: Path): Value {
  if (field.fieldKind === 'list' && Array.isArray(found)) {
    const items: unknown[] = []
    for (const [index, item] of found.entries()) {
      if (isAbsent(item)) continue
      const resolved = resolveElement(field, item, [...path, index])
      if (resolved.kind === 'fault') return resolved
      items.push(resolved.value)
    }
    return { kind: 'value', value: items }
  }
  if (field.fieldKind === 'map') return { kind: 'value', value: plain(found) }
  return resolveElement(field, found, path)
}

function resolveElement(field: DescField, found: unknown, path: Path): Value {
  if (found instanceof RenderedText) {
    const coerced = coerceText(field, found.text)
    return coerced.kind === 'not' ? faultAt(path, coerced.expected) : coerced
  }
  if (field.message !== undefined && isObject(found) && !hasOwnJson(field.message)) {
    const resolved = resolveTexts(field.message, found, path)
    return resolved.kind === 'fault' ? resolved : { kind: 'value', value: resolved.json }
  }
  return { kind: 'value', value: plain(found) }
}

function isAbsent(found: unknown): boolean {
  return found instanceof RenderedText && found.isAbsent
}

/** Texts as strings, where no field says otherwise. */
function plain(found: unknown): unknown {
  if (found instanceof RenderedText) return found.text
  if (Array.isArray(found)) return found.filter((item) => !isAbsent(item)).map(plain)
  if (!isObject(found)) return found
  const json: Draft = {}
  for (const [key, inner] of Object.entries(found))
    if (!isAbsent(inner)) put(json, key, plain(inner))
  return json
}
