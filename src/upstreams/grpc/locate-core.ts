/**
 * Finds where JSON is not the message that it should be, once the library has refused it: the library names a field, and
 * the client needs to know which of them all. Pure.
 */

import type { DescField, DescMessage, Registry } from '@bufbuild/protobuf'
import { isObject } from '../../formats/json-object.ts'
import type { Protobuf } from './api.ts'
import { type Fault, faultAt, fieldNamed, hasOwnJson, unknownAt } from './fields-core.ts'

export interface Search {
  readonly library: Pick<Protobuf, 'fromJson'>
  readonly registry: Registry
  readonly ignoresUnknown: boolean
}

type Path = readonly (string | number)[]

// What a value costs here is some microseconds: a body of millions of values is told less exactly.
const MAX_TRIALS = 10_000
const MAX_DEPTH = 100 // as deep as the library reads

/** The first place that does not fit; the message itself where none was found. */
export function locateFault(message: DescMessage, json: unknown, search: Search): Fault {
  let trials = 0

  function inMessage(scope: DescMessage, found: unknown, path: Path): Fault | null {
    if (path.length > MAX_DEPTH) return faultAt(path, 'fewer levels')
    if (!isObject(found)) return faultAt(path, 'an object')
    const seen = new Set<DescField>()
    for (const [key, value] of Object.entries(found)) {
      const field = fieldNamed(scope, key)
      const at = [...path, key]
      if (field === null) {
        if (search.ignoresUnknown || key.startsWith('[')) continue
        return unknownAt(at)
      }
      if (seen.has(field)) return faultAt(at, 'the field once, under one of its names')
      seen.add(field)
      const fault = value === null ? null : inField(scope, field, value, at)
      if (fault !== null) return fault
    }
    return null
  }

  function inField(scope: DescMessage, field: DescField, value: unknown, path: Path): Fault | null {
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return faultAt(path, 'a list')
      return first(value.entries(), ([index, item]) =>
        inElement(scope, field, item, [item], [...path, index]),
      )
    }
    if (field.fieldKind === 'map') {
      if (!isObject(value)) return faultAt(path, 'an object')
      return first(Object.entries(value), ([key, item]) =>
        inElement(scope, field, item, { [key]: item }, [...path, key]),
      )
    }
    return inElement(scope, field, value, value, path)
  }

  function inElement(
    scope: DescMessage,
    field: DescField,
    value: unknown,
    alone: unknown,
    path: Path,
  ): Fault | null {
    const { message: inner } = field
    if (inner !== undefined && !hasOwnJson(inner)) return inMessage(inner, value, path)
    trials += 1
    if (trials > MAX_TRIALS) return faultAt([], `a message ${message.typeName}`)
    return fits(scope, { [field.jsonName]: alone }) ? null : faultAt(path, typeOf(field))
  }

  function fits(scope: DescMessage, alone: object): boolean {
    const { library, registry, ignoresUnknown } = search
    try {
      library.fromJson(scope, alone as never, { registry, ignoreUnknownFields: ignoresUnknown })
      return true
    } catch {
      return false
    }
  }

  return inMessage(message, json, []) ?? faultAt([], `a message ${message.typeName}`)
}

function first<Item>(items: Iterable<Item>, find: (item: Item) => Fault | null): Fault | null {
  for (const item of items) {
    const fault = find(item)
    if (fault !== null) return fault
  }
  return null
}

function typeOf(field: DescField): string {
  if (field.enum !== undefined) return `a value of ${field.enum.name}`
  if (field.message !== undefined) return `the JSON of ${field.message.typeName}`
  return `a value of type ${scalars[field.scalar] ?? 'unknown'}`
}

/** By their numbers (google.protobuf.FieldDescriptorProto.Type). */
const scalars: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
}
