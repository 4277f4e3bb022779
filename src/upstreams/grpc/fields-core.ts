/**
 * Fields of messages by their names, and text that becomes a value of a field's type: what path, query and templates
 * give is text (google/api/http.proto, protobuf.dev/programming-guides/json). Pure.
 */

import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { put } from '../../formats/format.ts'
import type { JsonObject } from '../../formats/json-object.ts'

/** The JSON of a message while it is made. */
export type Draft = Record<string, unknown>

/** Why a request is not the message: where, and what was expected there. */
export interface Fault {
  readonly kind: 'fault'
  /** Dotted, as the client wrote it; empty is the message itself. */
  readonly field: string
  readonly expected: string
  /** The message has no field of this name. */
  readonly isUnknown?: true
}

export function faultAt(path: readonly (string | number)[], expected: string): Fault {
  return { kind: 'fault', field: path.join('.'), expected }
}

export function unknownAt(path: readonly (string | number)[]): Fault {
  return { ...faultAt(path, 'a field that the message has'), isUnknown: true }
}

/** By the name of the JSON form or of the document; null where the message has neither. */
export function fieldNamed(message: DescMessage, name: string): DescField | null {
  return message.fields.find((field) => field.jsonName === name || field.name === name) ?? null
}

/** Messages whose JSON is no object of their fields. */
const custom = new Set(
  ['Any', 'Duration', 'FieldMask', 'ListValue', 'Struct', 'Timestamp', 'Value'].map(
    (name) => `google.protobuf.${name}`,
  ),
)
const wrapper = /^google\.protobuf\.(?:Double|Float|U?Int(?:32|64)|Bool|String|Bytes)Value$/

export function hasOwnJson({ typeName }: DescMessage): boolean {
  return custom.has(typeName) || wrapper.test(typeName)
}

/** Messages whose JSON is a string. */
const textual = new Set(
  ['Duration', 'FieldMask', 'Timestamp', 'Value'].map((name) => `google.protobuf.${name}`),
)

// Numbers of types (google.protobuf.FieldDescriptorProto.Type); the rest of the scalars are integers.
const DOUBLE = 1
const FLOAT = 2
const BOOL = 8
const STRING = 9
const BYTES = 12

const integerForm = /^-?\d{1,20}$/
const floatForm = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|NaN|-?Infinity)$/

type Coerced =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not'; readonly expected: string }

/** The JSON value that a text is for one element of a field. */
export function coerceText(field: DescField, text: string): Coerced {
  if (field.fieldKind === 'map') return not('an object in the body')
  if (field.enum !== undefined) {
    if (integerForm.test(text)) return value(Number(text))
    return field.enum.values.some(({ name }) => name === text)
      ? value(text)
      : not(`a value of ${field.enum.name}`)
  }
  if (field.message !== undefined) return coerceMessage(field.message, text)
  return coerceScalar(field.scalar, text)
}

function coerceMessage(message: DescMessage, text: string): Coerced {
  if (message.typeName === 'google.protobuf.FieldMask') return value(maskOf(text))
  if (textual.has(message.typeName)) return value(text)
  const [inner] = message.fields
  if (wrapper.test(message.typeName) && inner?.fieldKind === 'scalar')
    return coerceScalar(inner.scalar, text)
  return not('an object in the body, or its fields by their own names')
}

/** The JSON form of a mask has names in camel case; in a query they are often written as the document has them. */
function maskOf(text: string): string {
  return text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function coerceScalar(scalar: number, text: string): Coerced {
  switch (scalar) {
    case STRING:
    case BYTES:
      return value(text)
    case BOOL:
      return text === 'true' || text === 'false' ? value(text === 'true') : not('"true" or "false"')
    case DOUBLE:
    case FLOAT:
      return floatForm.test(text) ? value(text) : not('a number')
    default:
      return integerForm.test(text) ? value(text) : not('an integer')
  }
}

function value(found: unknown): Coerced {
  return { kind: 'value', value: found }
}

function not(expected: string): Coerced {
  return { kind: 'not', expected }
}

/** What stands under either name of a field. */
export function readField(object: JsonObject, { jsonName, name }: DescField): unknown {
  if (Object.hasOwn(object, jsonName)) return object[jsonName]
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** In the place of what stands under either name. */
export function writeField(object: Draft, field: DescField, found: unknown): void {
  if (field.name !== field.jsonName && Object.hasOwn(object, field.name)) delete object[field.name]
  put(object, field.jsonName, found)
}
