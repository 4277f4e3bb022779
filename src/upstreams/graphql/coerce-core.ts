/**
 * Values of requests as values of variables. Types of GraphQL itself are held here (GraphQL, October 2021, §3.5);
 * enums, objects and custom scalars the service alone knows. Pure.
 */
import type { TypeRef } from './document-core.ts'

/** What a request gives for a variable: text, which has no type, as often as it is there; or JSON, which has one. */
export type GivenValue =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'json'; readonly value: unknown }

export type Coerced =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `expected` is a noun phrase. */
  | { readonly kind: 'unfit'; readonly expected: string }

export function coerce(type: TypeRef, given: GivenValue): Coerced {
  return given.kind === 'texts' ? coerceTexts(type, given.texts) : coerceJson(type, given.value)
}

function coerceTexts(type: TypeRef, texts: readonly string[]): Coerced {
  if (type.kind === 'list') return coerceEach(texts, (text) => coerceTexts(type.of, [text]))
  const [text] = texts
  if (text === undefined || texts.length > 1) return unfit('it once')
  switch (type.name) {
    case 'Int':
      return /^-?[0-9]{1,10}$/.test(text) ? coerceInt(Number(text)) : unfit(anInt)
    case 'Float': {
      const isNumber = /^-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?$/.test(text)
      return isNumber ? coerceFloat(Number(text)) : unfit(aFloat)
    }
    case 'Boolean':
      return text === 'true' || text === 'false' ? value(text === 'true') : unfit('true or false')
    default:
      return value(text)
  }
}

function coerceJson(type: TypeRef, given: unknown): Coerced {
  if (given === null) return type.isRequired ? unfit('a value, not null') : value(null)
  if (type.kind === 'list') {
    // One value stands for a list of it (§3.11).
    return Array.isArray(given)
      ? coerceEach(given, (element) => coerceJson(type.of, element))
      : coerceJson(type.of, given)
  }
  switch (type.name) {
    case 'Int':
      return coerceInt(given)
    case 'Float':
      return coerceFloat(given)
    case 'Boolean':
      return typeof given === 'boolean' ? value(given) : unfit('true or false')
    case 'String':
      return typeof given === 'string' ? value(given) : unfit('text')
    case 'ID': {
      const isId = typeof given === 'string' || Number.isSafeInteger(given)
      return isId ? value(given) : unfit('text or an integer')
    }
    default:
      return value(given)
  }
}

function coerceEach<Given>(list: readonly Given[], one: (given: Given) => Coerced): Coerced {
  const values: unknown[] = []
  for (const given of list) {
    const coerced = one(given)
    if (coerced.kind === 'unfit') return coerced
    values.push(coerced.value)
  }
  return value(values)
}

const MOST_INT = 2_147_483_647 // Int has 32 bits (§3.5.1).
const anInt = 'an integer of 32 bits'
const aFloat = 'a number'

function coerceInt(given: unknown): Coerced {
  const isInt =
    typeof given === 'number' &&
    Number.isInteger(given) &&
    given >= -MOST_INT - 1 &&
    given <= MOST_INT
  return isInt ? value(given) : unfit(anInt)
}

function coerceFloat(given: unknown): Coerced {
  return Number.isFinite(given) ? value(given) : unfit(aFloat)
}

function value(found: unknown): Coerced {
  return { kind: 'value', value: found }
}

function unfit(expected: string): Coerced {
  return { kind: 'unfit', expected }
}
