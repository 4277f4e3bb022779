/** `response` of an aggregate: the body, status and header fields that are made of its parts. */
import { type Refusal, refuse } from '../../../errors/refusal.ts'
import { compileExpression, type Expression } from '../../../expression/expression.ts'
import { refusalOf } from '../../../expression/refusal.ts'
import type { Exchange } from '../../../pipeline/exchange.ts'
import {
  bindCallTemplate,
  partsOf,
  type Render,
  type TemplateScope,
} from '../calls/call-template.ts'
import type { Part, Values } from '../part.ts'
import type { AggregatePlan } from '../plan/plan.ts'
import { readsOfResponse } from '../plan/reads.ts'
import type { AggregateOptions, ResponseOptions } from '../schema.ts'
import { makeValues } from '../values.ts'
import type { ErrorEntry } from './problem.ts'
import { bindWholeBody, withErrors } from './whole-body.ts'

/** The parts of one request, and what became of those that failed. */
export interface Whole {
  readonly exchange: Exchange
  readonly parts: readonly Part[]
  readonly errors: readonly ErrorEntry[]
}

/** The answer in the words of the table. */
export interface Worded {
  readonly kind: 'worded'
  readonly status: number
  /** JSON. */
  readonly text: string
  /** Lower-case names. */
  readonly headers: readonly (readonly [string, string])[]
}

export type Word = (whole: Whole) => Worded | Refusal | Promise<Worded | Refusal>

export function bindResponse(options: AggregateOptions, plan: AggregatePlan): Word {
  const { response } = options
  if (response !== undefined) return bindWord(response, options, plan)
  const body = bindWholeBody(plan)
  return function wordParts({ parts, errors }) {
    return { kind: 'worded', status: 200, text: body(parts, errors), headers: [] }
  }
}

type Evaluated = { readonly kind: 'value'; readonly value: unknown } | Refusal
type Evaluate = (exchange: Exchange, values: Values) => Promise<Evaluated>

function bindWord(
  { json, status = 200, headers = {} }: ResponseOptions,
  options: AggregateOptions,
  plan: AggregatePlan,
): Word {
  const asIs = bindWholeBody(plan)
  const makeBody = json === undefined ? null : bindExpression(json)
  const makeStatus = typeof status === 'string' ? bindExpression(status) : null
  const fields = Object.entries(headers).map(([name, text]) => bindField(name, text, plan))
  const reads = readsOfResponse(options, plan.names)
  const asked = new Set(reads.calls.map(({ call }) => call))
  // Of calls that nothing asks for nothing is made.
  const calls = reads.unclear.length > 0 ? plan.calls : plan.calls.filter(isAsked)
  function isAsked({ name }: { readonly name: string }): boolean {
    return asked.has(name)
  }
  return async function wordResponse({ exchange, parts, errors }) {
    const seen = calls.map((call) => ({ call, part: parts[call.index] as Part }))
    const values = makeValues(exchange.params, seen)
    const written = writeFields(fields, exchange, values)
    if ('kind' in written) return written
    const read =
      typeof status === 'number' ? status : readStatus(await makeStatus!(exchange, values))
    if (typeof read !== 'number') return read
    if (makeBody === null) {
      return { kind: 'worded', status: read, text: asIs(parts, errors), headers: written }
    }
    const body = await makeBody(exchange, values)
    if (body.kind === 'refused') return body
    const text = JSON.stringify(withErrors(body.value ?? null, errors))
    return { kind: 'worded', status: read, text, headers: written }
  }
}

interface BoundField {
  readonly name: string
  readonly render: Render
  /** Where a value has a character that no field takes. */
  readonly refusal: Refusal
}

function bindField(name: string, text: string, { names }: AggregatePlan): BoundField {
  const scope: TemplateScope = { names, hasItem: false, isItemOfClient: false, separator: null }
  const isOfClient = partsOf(text, scope).every(({ kind }) => kind !== 'call')
  const detail = `A value of the field ${name} has a character that no field takes.`
  return {
    name: name.toLowerCase(),
    render: bindCallTemplate(text, 'header', scope),
    refusal: refuse(isOfClient ? 'HEADER_VALUE_INVALID' : 'CALL_FAILED', { detail }),
  }
}

/** A field whose whole value is one that is not there is left out. */
function writeFields(
  fields: readonly BoundField[],
  exchange: Exchange,
  values: Values,
): (readonly [string, string])[] | Refusal {
  const written: (readonly [string, string])[] = []
  for (const { name, render, refusal } of fields) {
    const value = render({ exchange, values, items: [] })
    if (value === undefined) continue
    if (typeof value !== 'string') return value
    // Services send any text; the runtime takes the characters of Latin-1 (Fetch standard, "byte sequence").
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return refusal
    written.push([name, value])
  }
  return written
}

/** The schema has compiled it before, so this throws on what does not compile. */
function bindExpression(text: string): Evaluate {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') throw new TypeError(`expected ${compiled.reason}`)
  const { expression } = compiled
  return (exchange, values) => evaluate(expression, exchange, values)
}

async function evaluate(
  expression: Expression,
  exchange: Exchange,
  values: Values,
): Promise<Evaluated> {
  const now = exchange.ports.clock.now()
  const evaluated = await expression.evaluate(values.input(), { exchange, now })
  return evaluated.kind === 'value' ? evaluated : refusalOf(evaluated)
}

/** Statuses below 200 are not final, and above 599 there are none (RFC 9110 §15). */
function readStatus(evaluated: Evaluated): number | Refusal {
  if (evaluated.kind === 'refused') return evaluated
  const { value } = evaluated
  if (typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599) {
    return value
  }
  return refuse('TRANSFORM_FAILED', { reason: 'status-invalid' })
}
