/** Binds the steps of a policy that changes bodies; what is not configured is not run. */
import { type Refusal, refuse } from '../errors/refusal.ts'
import { compileExpression, type Expression, type Occasion } from '../expression/expression.ts'
import { refusalOf } from '../expression/refusal.ts'
import { type Coercion, coerce } from './coerce-core.ts'
import { bindTree, namesOf, newNameOf } from './paths.ts'
import type { StepsOptions } from './schema.ts'
import { omit, pick, rename, unwrap, wrap } from './select-core.ts'

export interface BoundSteps {
  /** Whether there is nothing to do. */
  readonly isEmpty: boolean
  /** Names of the template vocabulary that the steps read. */
  readonly attributes: readonly string[]
  apply(value: unknown, at: Occasion): Promise<Shaped> | Shaped
}

export type Shaped = { readonly kind: 'shaped'; readonly value: unknown } | Refusal

/** Whose body is changed: that decides who is told when it does not fit. */
export type Side = 'request' | 'answer'

/** A step that awaits nothing. */
type Plain = (value: unknown, side: Side) => Shaped

export function bindSteps(options: StepsOptions, side: Side = 'answer'): BoundSteps {
  const before = bindBefore(options)
  const expression = options.json === undefined ? null : bindExpression(options.json)
  const wrapIn = options.wrap === undefined ? null : namesOf(options.wrap)

  function finish(value: unknown): Shaped {
    return { kind: 'shaped', value: wrapIn === null ? value : wrap(value, wrapIn) }
  }

  async function evaluate(on: Expression, value: unknown, at: Occasion): Promise<Shaped> {
    const evaluated = await on.evaluate(value, at)
    return evaluated.kind === 'value' ? finish(evaluated.value) : refusalOf(evaluated)
  }

  return {
    isEmpty: before.length === 0 && expression === null && wrapIn === null,
    attributes: expression?.attributes ?? [],
    apply(value, at) {
      let current = value
      for (const step of before) {
        const shaped = step(current, side)
        if (shaped.kind === 'refused') return shaped
        current = shaped.value
      }
      return expression === null ? finish(current) : evaluate(expression, current, at)
    },
  }
}

/** The steps before `json`, in their order. */
function bindBefore(options: StepsOptions): readonly Plain[] {
  const steps: Plain[] = []
  function add(change: (value: unknown) => unknown): void {
    steps.push((value) => ({ kind: 'shaped', value: change(value) }))
  }
  if (options.unwrap !== undefined) {
    const names = namesOf(options.unwrap)
    add((value) => unwrap(value, names))
  }
  if (options.pick !== undefined) {
    const tree = bindTree(options.pick.map((path) => [path, true] as const))
    add((value) => pick(value, tree))
  }
  if (options.omit !== undefined) {
    const tree = bindTree(options.omit.map((path) => [path, true] as const))
    add((value) => omit(value, tree))
  }
  if (options.rename !== undefined) {
    const names = Object.entries(options.rename)
    const tree = bindTree(names.map(([from, to]) => [from, newNameOf(from, to) ?? to] as const))
    add((value) => rename(value, tree))
  }
  if (options.coerce !== undefined) steps.push(bindCoerce(options.coerce))
  return steps
}

function bindCoerce(types: Readonly<Record<string, Coercion>>): Plain {
  const tree = bindTree(Object.entries(types))
  return (value, side) => {
    const coerced = coerce(value, tree)
    if (coerced.kind === 'coerced') return { kind: 'shaped', value: coerced.value }
    return refuse(side === 'request' ? 'BODY_INVALID' : 'UPSTREAM_BODY_INVALID', {
      detail: `"${coerced.path}" cannot be read as ${nounOf[coerced.to]}.`,
      reason: 'coerce',
    })
  }
}

const nounOf: Readonly<Record<Coercion, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  list: 'a list',
}

/** The schema has refused what does not compile, so this throws on it. */
function bindExpression(text: string): Expression {
  const compiled = compileExpression(text)
  if (compiled.kind === 'invalid') throw new TypeError(`expected ${compiled.reason}`)
  return compiled.expression
}
