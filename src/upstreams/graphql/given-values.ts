/** What one name of the vocabulary gives for a variable: all values of a parameter, claims as they are, else text. */
import { countParameters, readParameter } from '../../http/query.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { bindClaim } from '../../template/value-at.ts'
import { readAttribute } from '../../template/vocabulary.ts'
import type { GivenValue } from './coerce-core.ts'

/** Null where the request has no such value. */
export type ReadGiven = (exchange: Exchange) => GivenValue | null

export function bindGiven(name: string): ReadGiven {
  if (name.startsWith('query.')) {
    const own = name.slice('query.'.length)
    return ({ target }) => parametersOf(target.query, own)
  }
  if (name.startsWith('claims.')) return bindClaimed(name.slice('claims.'.length))
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

function bindClaimed(name: string): ReadGiven {
  const read = bindClaim(name)
  return function readClaimed(exchange) {
    const found = read(exchange)
    return found === undefined || found === null ? null : givenOf(found)
  }
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
