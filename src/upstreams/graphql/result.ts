/** What of the data is the answer: all of it, what a path leads to, or what an expression makes of it. */
import type { Refusal } from '../../errors/refusal.ts'
import { compileExpression } from '../../expression/expression.ts'
import { refusalOf } from '../../expression/refusal.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { isNothing } from './answer-core.ts'
import { resultPath } from './result-path.ts'
import { memberAt, type Slice } from './slice-core.ts'

export interface Source {
  /** JSON text that is an object with `data`. */
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
  readonly exchange: Exchange
}

export type Result =
  | {
      readonly kind: 'result'
      /** JSON. */
      readonly text: string
      /** Null, or an object of nothing but nulls where it is all of the data. */
      readonly isNothing: boolean
    }
  | Refusal

export type MakeResult = (source: Source) => Result | Promise<Result>

export function bindResult(result: string | undefined): MakeResult {
  if (result === undefined) return takeAll
  if (!resultPath.test(result)) return bindExpression(result)
  const names = result.split('.')
  return (source) => takePath(source, names)
}

function takeAll({ text, data }: Source): Result {
  return { kind: 'result', text: cut(text, dataOf(text)), isNothing: isNothing(data, true) }
}

/** Through lists the path goes on in each of their elements. */
function takePath({ text, data }: Source, names: readonly string[]): Result {
  let value: unknown = data
  let slice = dataOf(text)
  for (const [at, name] of names.entries()) {
    if (Array.isArray(value)) {
      const list = value.map((element) => within(element, names.slice(at)))
      return { kind: 'result', text: JSON.stringify(list), isNothing: false }
    }
    value = memberOf(value, name)
    const next = value === null ? null : memberAt(text, slice.start, name)
    if (next === null) return { kind: 'result', text: 'null', isNothing: true }
    slice = next
  }
  return { kind: 'result', text: cut(text, slice), isNothing: false }
}

/** Null where nothing is there. */
function within(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((element) => within(element, names))
  const [name, ...rest] = names
  if (name === undefined) return value
  return within(memberOf(value, name), rest)
}

function memberOf(value: unknown, name: string): unknown {
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isThere ? (value as Readonly<Record<string, unknown>>)[name] : null
}

function dataOf(text: string): Slice {
  const start = text.search(/\S/)
  const slice = memberAt(text, start, 'data')
  if (slice === null) throw new Error('the answer has no data')
  return slice
}

function cut(text: string, { start, end }: Slice): string {
  return text.slice(start, end)
}

function bindExpression(text: string): MakeResult {
  const compiled = compileExpression(text)
  // The schema has compiled it before.
  if (compiled.kind === 'invalid') throw new TypeError(`expected ${compiled.reason}`)
  const { expression } = compiled
  return async function evaluateResult({ data, exchange }) {
    const now = exchange.ports.clock.now()
    const evaluated = await expression.evaluate(data, { exchange, now })
    if (evaluated.kind !== 'value') return refusalOf(evaluated)
    const value = evaluated.value ?? null
    return { kind: 'result', text: JSON.stringify(value), isNothing: value === null }
  }
}
