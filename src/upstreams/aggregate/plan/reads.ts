/** What a call, or the answer, of an aggregate reads: of other calls, and of the request. Pure. */
import { compileExpression } from '../../../expression/expression.ts'
import { suggestion } from '../../../schema/nearest.ts'
import type { AggregateOptions, CallSpec } from '../schema.ts'
import { type Names, parseReferences } from './references.ts'

/** From the aggregate. */
export type PlanPath = readonly (string | number)[]

export interface PlanProblem {
  readonly path: PlanPath
  readonly code: string
  readonly message: string
  readonly found?: string
  readonly expected?: string
}

export interface CallRead {
  readonly call: string
  readonly path: PlanPath
  readonly readsBody: boolean
  readonly readsFields: boolean
}

/** A name of the vocabulary, such as `params.id`. */
export interface AttributeRead {
  readonly name: string
  readonly path: PlanPath
}

export class Reads {
  readonly calls: CallRead[] = []
  readonly attributes: AttributeRead[] = []
  readonly problems: PlanProblem[] = []
  /** The expressions of which it is not plain what they read. */
  readonly unclear: PlanPath[] = []
  readonly #names: Names

  constructor(names: Names) {
    this.#names = names
  }

  template(text: string, path: PlanPath): void {
    if (!text.includes('${')) return
    const parsed = parseReferences(text, this.#names)
    if (parsed.kind === 'invalid') {
      this.problems.push({
        path,
        code: 'AGGREGATE_REFERENCE_UNKNOWN',
        message: `expected, at character ${parsed.at + 1}, ${parsed.reason}`,
        found: JSON.stringify(text.slice(parsed.at, text.indexOf('}', parsed.at) + 1)),
        expected: parsed.reason,
      })
      return
    }
    for (const part of parsed.parts) {
      if (part.kind === 'attribute') this.attributes.push({ name: part.name, path })
      if (part.kind !== 'call') continue
      const readsBody = part.path.includes('body')
      this.calls.push({ call: part.call, path, readsBody, readsFields: readsFields(part.path) })
    }
  }

  templates(map: Readonly<Record<string, string>> | undefined, path: PlanPath): void {
    for (const [key, text] of Object.entries(map ?? {})) this.template(text, [...path, key])
  }

  /** Every string of a document is a template; keys are not. */
  json(value: unknown, path: PlanPath): void {
    if (typeof value === 'string') this.template(value, path)
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) this.json(member, [...path, key])
  }

  /** `item` says whether there is one where this is evaluated. */
  expression(text: string, path: PlanPath, hasItem: boolean): void {
    const compiled = compileExpression(text)
    // The schema has told it.
    if (compiled.kind === 'invalid') return
    const { expression } = compiled
    for (const name of expression.attributes) this.attributes.push({ name, path })
    if (expression.readsAll) this.unclear.push(path)
    for (const [root = '', ...way] of expression.paths) this.#root(root, way, path, hasItem)
  }

  /** Of an expression over something else than the calls: what it reads of the request. */
  inner(text: string, path: PlanPath): void {
    const compiled = compileExpression(text)
    if (compiled.kind === 'invalid') return
    for (const name of compiled.expression.attributes) this.attributes.push({ name, path })
  }

  #root(root: string, way: readonly string[], path: PlanPath, hasItem: boolean): void {
    const { calls } = this.#names
    if (root === 'params') {
      const [name] = way
      if (name !== undefined) this.attributes.push({ name: `params.${name}`, path })
    } else if (calls.has(root)) {
      const [part] = way
      const readsBody = part !== 'status' && part !== 'headers'
      this.calls.push({ call: root, path, readsBody, readsFields: readsFields(way) })
    } else if (root !== 'item' || !hasItem) {
      const known = ['params', ...(hasItem ? ['item'] : []), ...calls.keys()]
      const meant =
        suggestion(root, known) || `; known are ${known.slice(0, MAX_LISTED).join(', ')}`
      this.problems.push({
        path,
        code: 'AGGREGATE_REFERENCE_UNKNOWN',
        message: `expected an expression over ${hasItem ? '`params`, `item`' : '`params`'} and the calls, found "${root}"${meant}`,
        found: JSON.stringify(root),
        expected: 'the name of a call',
      })
    }
  }
}

/** Whatever does not plainly stop at the body or the status. */
function readsFields(way: readonly string[]): boolean {
  return way.includes('headers') || !(way.includes('body') || way.includes('status'))
}

// Longer lists help nobody.
const MAX_LISTED = 20

export function readsOfCall(name: string, spec: CallSpec, calls: Names['calls']): Reads {
  const hasItem = spec.forEach !== undefined
  const reads = new Reads({ calls, hasItem })
  const at = ['calls', name]
  reads.template(spec.path, [...at, 'path'])
  reads.templates(spec.query, [...at, 'query'])
  reads.templates(spec.headers, [...at, 'headers'])
  reads.json(spec.json, [...at, 'json'])
  if (spec.body !== undefined) reads.template(spec.body, [...at, 'body'])
  if (spec.forEach !== undefined) reads.expression(spec.forEach, [...at, 'forEach'], false)
  if (spec.batch !== undefined) {
    reads.inner(spec.batch.by, [...at, 'batch', 'by'])
    if (spec.batch.items !== undefined) reads.inner(spec.batch.items, [...at, 'batch', 'items'])
  }
  if (typeof spec.when === 'string') reads.expression(spec.when, [...at, 'when'], false)
  return reads
}

export function readsOfResponse({ response = {} }: AggregateOptions, calls: Names['calls']): Reads {
  const reads = new Reads({ calls, hasItem: false })
  const { json, status, headers } = response
  if (json !== undefined) reads.expression(json, ['response', 'json'], false)
  if (typeof status === 'string') reads.expression(status, ['response', 'status'], false)
  reads.templates(headers, ['response', 'headers'])
  return reads
}
