/**
 * The built-in functions that an expression names, each in a wrapper that counts a step, and what its arguments are
 * long: functions that a higher one calls pass by the count of the evaluator. Some are not the library's own.
 */

import { listFunctions } from './functions-lists.ts'
import { textFunctions } from './functions-text.ts'
import { checkPicture, timeFunctions } from './functions-time.ts'
import { runOf, valueFunctions } from './functions-values.ts'
import type { Definition, Focus, Native, Program } from './library.ts'
import { operatorFunctions } from './rewrite.ts'
import type { Run } from './run.ts'

export function registerFunctions(
  program: Program,
  names: readonly string[],
  builtIn: (name: string) => Definition | undefined,
): void {
  const own = new Map(
    Object.entries({
      ...valueFunctions,
      ...textFunctions,
      ...listFunctions,
      ...timeFunctions((name) => builtIn(name) as Definition),
    }),
  )
  // `clone` is what the transform operator calls by its name.
  for (const name of new Set([...names, 'clone'])) {
    const definition = builtIn(name) as Definition
    const native = own.get(name) ?? definition.implementation
    const call = counting(name, native)
    const counted =
      name === 'string' ? stringWith(call) : withArity(definition.implementation.length, call)
    program.registerFunction(name, counted, definition.signature?.definition)
  }
  for (const name of operatorFunctions) {
    program.registerFunction(name, own.get(name) as Native)
  }
}

type Call = (focus: Focus, args: readonly unknown[]) => unknown

/** Functions that go through the members of objects, and of all objects in a list. */
const overMembers: ReadonlySet<string> = new Set(['keys', 'merge', 'each', 'sift'])
/** Functions whose second argument is a picture. */
const withPicture: ReadonlySet<string> = new Set(['formatNumber', 'formatInteger', 'parseInteger'])

function counting(name: string, native: Native): Call {
  const isOverMembers = overMembers.has(name)
  const hasPicture = withPicture.has(name)
  return function callCounted(focus, args) {
    const run = runOf(focus)
    run.spend(1)
    for (const value of args) {
      run.spendValue(value)
      // `$formatNumber(1/0, "0e0")` would never end.
      if (typeof value === 'number' && !Number.isFinite(value)) throw { code: 'D1001' }
    }
    if (isOverMembers) spendMembers(args[0], run)
    if (hasPicture) checkPicture(args[1])
    return native.apply(focus, args as never[])
  }
}

function spendMembers(value: unknown, run: Run): void {
  if (typeof value !== 'object' || value === null) return
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  for (const one of list) {
    if (typeof one === 'object' && one !== null) run.spendList(Object.keys(one).length)
  }
}

/**
 * A function with so many parameters, each by name: higher functions hand on as many arguments as there are, and a
 * partial application reads the names from the text of the function.
 */
function withArity(arity: number, call: Call): Native {
  switch (arity) {
    case 0:
      return function (this: Focus, ...all: never[]) {
        return call(this, all)
      }
    case 1:
      return function (this: Focus, a: unknown) {
        return call(this, [a])
      }
    case 2:
      return function (this: Focus, a: unknown, b: unknown) {
        return call(this, [a, b])
      }
    case 3:
      return function (this: Focus, a: unknown, b: unknown, c: unknown) {
        return call(this, [a, b, c])
      }
    default:
      return function (this: Focus, a: unknown, b: unknown, c: unknown, d: unknown) {
        return call(this, [a, b, c, d])
      }
  }
}

/** `$string` takes a second argument that is not counted: `$map($list, $string)` must not hand it an index. */
function stringWith(call: Call): Native {
  return function (this: Focus, value: unknown, prettify = false) {
    return call(this, [value, prettify])
  }
}
