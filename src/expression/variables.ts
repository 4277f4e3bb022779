/** The template vocabulary as variables of an expression: `$claims.sub`, `$query.x`. Only what is read is bound. */
import type { Exchange } from '../pipeline/exchange.ts'
import { readAttribute } from '../template/vocabulary.ts'
import type { Node } from './library.ts'
import { plainName } from './nodes.ts'
import type { Limits } from './run.ts'
import { copyOf } from './values.ts'

const families: ReadonlySet<string> = new Set([
  'params',
  'query',
  'header',
  'cookie',
  'claims',
  'client',
  'consumer',
  'request',
  'route',
])

export function isFamily(name: unknown): boolean {
  return typeof name === 'string' && families.has(name)
}

/** A name of the vocabulary, in its parts: `['claims', 'realm', 'roles']`. */
export type Attribute = readonly [family: string, name: string, ...rest: string[]]

/** What a path that begins with a family reads, or null where no name that the vocabulary knows follows it. */
export function attributeOf(path: Node): Attribute | null {
  const [first, ...steps] = path.steps ?? []
  const family = first?.value as string
  const names: string[] = []
  for (const step of steps) {
    if (step.type !== 'name') break
    names.push(step.value as string)
    // Of all families only claims are values with names within.
    if (family !== 'claims' || plainName(step) === null) break
  }
  const [name, ...rest] = names
  if (name === undefined || readAttribute(`${family}.${names.join('.')}`) === null) return null
  return [family, name, ...rest]
}

type Bindings = Record<string, Record<string, unknown>>

/** What the variables are for this request. A value that is not there, or empty, is nothing. */
export function readVariables(
  attributes: readonly Attribute[],
  exchange: Exchange,
  limits: Limits,
): Bindings {
  const bindings: Bindings = {}
  for (const attribute of attributes) {
    const [family, name] = attribute
    const value = readValue(attribute, exchange, limits)
    if (value === undefined) continue
    bindings[family] ??= Object.create(null) as Record<string, unknown>
    bindings[family][name] = value
  }
  return bindings
}

function readValue([family, name]: Attribute, exchange: Exchange, limits: Limits): unknown {
  if (family === 'claims') {
    const claims = exchange.identity?.claims
    // A copy, since an expression may change what it is given, and the claims are those of the whole request.
    return claims !== undefined && Object.hasOwn(claims, name)
      ? copyOf(claims[name], limits)
      : undefined
  }
  if (family === 'client' && name === 'asn') return exchange.client.asn ?? undefined
  return readAttribute(`${family}.${name}`)?.(exchange) || undefined
}
