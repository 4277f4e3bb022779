/** What one name of the vocabulary gives for a variable: all values of a parameter, claims as they are, else text. */
import { countParameters, readParameter } from '../../http/query.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { readAttribute } from '../../template/vocabulary.ts'
import type { GivenValue } from './coerce-core.ts'

/** Null where the request has no such value. */
export type ReadGiven = (exchange: Exchange) => GivenValue | null

export function bindGiven(name: string): ReadGiven {
  if (name.startsWith('query.')) {
    const own = name.slice('query.'.length)
    return ({ target }) => parametersOf(target.query, own)
  }
  if (name.startsWith('claims.')) return bindClaim(name.slice('claims.'.length))
  const read = readAttribute(name)
  if (read === null) throw new TypeError(`expected a name that templates know, found "${name}"`)
  return function readText(exchange) {
    const text = read(exchange)
    return text === '' ? null : textsOf([text])
  }
}

/** All values of one parameter; `query` has its "?" or is empty. */
export function parametersOf(query: string, name: string): GivenValue | null {
  const first = readParameter(query, name)
  if (first === null) return null
  const isOne = countParameters(query, name) === 1
  return textsOf(isOne ? [first] : new URLSearchParams(query).getAll(name))
}

/** By its whole name, else by the path of its names. */
function bindClaim(name: string): ReadGiven {
  const path = name.split('.')
  return function readClaim({ identity }) {
    if (identity === null) return null
    const { claims } = identity
    const found = Object.hasOwn(claims, name) ? claims[name] : path.reduce<unknown>(within, claims)
    return found === undefined || found === null ? null : givenOf(found)
  }
}

function within(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null
  return isObject && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** Text has no type of its own where forms and claims hold it. */
export function givenOf(found: unknown): GivenValue {
  if (typeof found === 'string') return textsOf([found])
  const isTexts = Array.isArray(found) && found.every((one) => typeof one === 'string')
  return isTexts ? textsOf(found) : { kind: 'json', value: found }
}

function textsOf(texts: readonly string[]): GivenValue {
  return { kind: 'texts', texts }
}
