/** Gathers the variables of an operation from a request: what the route says of them, else path, query and body by name. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { isObject } from '../../formats/json-object.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { ValueOf } from '../../shape/read-options.ts'
import { readRequestValue, unsupported } from '../../shape/request-body.ts'
import { type Coerced, coerce, type GivenValue } from './coerce-core.ts'
import type { Operation, Variable } from './document-core.ts'
import { givenOf, parametersOf } from './given-values.ts'
import type { GraphqlRouteOptions } from './schema.ts'
import { bindVariable, type RenderVariable } from './variable-template.ts'

/** JSON by the names of the variables. */
export type Gathered =
  | { readonly kind: 'gathered'; readonly variables: Readonly<Record<string, unknown>> }
  | Refusal

export type Gather = (exchange: Exchange) => Gathered | Promise<Gathered>

interface Bound extends Variable {
  /** Null where nothing but the body may have it. */
  readonly render: RenderVariable | null
  readonly mayBeInBody: boolean
}

type Values = Record<string, unknown>

export function bindGather(
  { variables }: Operation,
  { variables: said, body = said === undefined }: GraphqlRouteOptions,
  maxBytes: number,
): Gather {
  const bound = variables.map((variable): Bound => {
    const { name, type } = variable
    // What the route says is said: no client gives it another value, even where it comes to none.
    if (said !== undefined && Object.hasOwn(said, name)) {
      return { ...variable, render: bindVariable(said[name], type), mayBeInBody: false }
    }
    const mayBeInBody = body === true || body === name
    const render = said === undefined && body !== name ? bindNamed(variable) : null
    return { ...variable, render, mayBeInBody }
  })

  return function gatherVariables(exchange) {
    // Names are data: an object without prototype has no others.
    const values = Object.create(null) as Values
    const lacking: Bound[] = []
    for (const variable of bound) {
      const coerced = variable.render?.(exchange) ?? null
      if (coerced === null) lacking.push(variable)
      else if (!put(values, variable, coerced)) return unfit(variable, coerced)
    }
    const isInBody = lacking.some(({ mayBeInBody }) => mayBeInBody)
    if (!isInBody || exchange.outgoing.body === null) return complete(values, lacking, null)
    return readBody(exchange, maxBytes).then((read) =>
      read !== null && read.kind === 'refused' ? read : complete(values, lacking, read),
    )
  }

  function complete(values: Values, lacking: readonly Bound[], read: ValueOf | null): Gathered {
    if (read !== null && body === true && !isObject(read.value)) {
      return refuse('BODY_INVALID', { detail: 'The body has to be an object.' })
    }
    for (const variable of lacking) {
      const { name, type, hasDefault, mayBeInBody } = variable
      const given =
        read === null || !mayBeInBody ? null : givenBy(read, body === true ? name : null)
      const coerced = given === null ? null : coerce(type, given)
      if (coerced !== null) {
        if (!put(values, variable, coerced)) return unfit(variable, coerced)
      } else if (type.isRequired && !hasDefault) return unfit(variable, null)
    }
    return { kind: 'gathered', variables: values }
  }
}

/** By its own name in the path, then in the query. */
function bindNamed({ name, type }: Variable): RenderVariable {
  return function renderNamed({ params, outgoing }) {
    const given: GivenValue | null = Object.hasOwn(params, name)
      ? { kind: 'texts', texts: [params[name] as string] }
      : parametersOf(outgoing.query, name)
    return given === null ? null : coerce(type, given)
  }
}

/** The member of this name, or the whole. Forms have text alone. */
function givenBy({ value, format }: ValueOf, name: string | null): GivenValue | null {
  if (name === null) return { kind: 'json', value }
  if (!isObject(value) || !Object.hasOwn(value, name)) return null
  return format === 'form' ? givenOf(value[name]) : { kind: 'json', value: value[name] }
}

/** False where the value does not fit. */
function put(values: Values, { name, type }: Variable, coerced: Coerced): boolean {
  if (coerced.kind === 'unfit' || (coerced.value === null && type.isRequired)) return false
  values[name] = coerced.value
  return true
}

function unfit({ name }: Variable, coerced: Coerced | null): Refusal {
  const expected = coerced?.kind === 'unfit' ? coerced.expected : 'a value'
  return refuse('GRAPHQL_VARIABLE_INVALID', {
    detail: `"${name}": expected ${expected}.`,
    members: { variable: name },
  })
}

/** Null where there is no byte of it. */
async function readBody(exchange: Exchange, maxBytes: number): Promise<ValueOf | Refusal | null> {
  const formats = ['json', 'form'] as const
  const read = await readRequestValue(exchange, { formats, maxBytes, onTooLarge: 'refuse' })
  if (read.kind !== 'untouched') return read
  const { body } = exchange.outgoing
  const isEmpty = body === null || (body instanceof ArrayBuffer && body.byteLength === 0)
  return isEmpty ? null : unsupported(formats)
}
