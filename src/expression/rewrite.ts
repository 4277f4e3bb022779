/**
 * Operators whose cost is in their operands become calls of functions of this room: the library runs them in one go,
 * where no step is counted. The tree is changed in place, once, before its first evaluation.
 */
import type { Node } from './library.ts'
import { nodesOf, pairsOf } from './nodes.ts'

/** The functions by operator. No text can name them: none holds NUL. */
const binary: Readonly<Record<string, string>> = {
  '&': '\0concat',
  '=': '\0equal',
  '!=': '\0differ',
  '..': '\0range',
}
const steps: Readonly<Record<string, string>> = {
  wildcard: '\0wildcard',
  descendant: '\0descendants',
}

export const operatorFunctions: readonly string[] = [
  ...Object.values(binary),
  ...Object.values(steps),
]

export function rewrite(ast: Node, functions: ReadonlySet<string>): void {
  for (const node of [...nodesOf(ast)]) {
    if (node.thunk === true) callInPlace(node, functions)
    const bound = node.steps?.findIndex(({ tuple }) => tuple === true) ?? -1
    if (bound !== -1) for (const step of node.steps?.slice(bound) ?? []) step.makesTuples = true
    const keys = pairsOf(node).map(([key]) => key)
    if (keys.length > 0) node.groupKeys = keys
    for (const key of keys) key.isGroupKey = true
    // A call on the right of "~>" gets one more argument; what is no call there stays none.
    if (node.type === 'apply' && node.rhs !== undefined && operatorOf(node.rhs) !== null) {
      node.rhs = { type: 'block', expressions: [node.rhs] }
    }
    const operator = operatorOf(node)
    if (operator === null) continue
    const { lhs, rhs } = node
    const context: Node = { type: 'variable', value: '' }
    node.type = 'function'
    node.procedure = { type: 'variable', value: operator }
    node.arguments =
      lhs === undefined || rhs === undefined || Array.isArray(lhs) ? [context] : [lhs, rhs]
    delete node.lhs
    delete node.rhs
  }
}

/**
 * In the last call of a lambda the library hands built-in functions on as they are, not as something that can be
 * called: `function($x) { $map($x, $string) }` fails. Such a call is made where it stands.
 */
function callInPlace(node: Node, functions: ReadonlySet<string>): void {
  const { body } = node
  const isHanded = body?.arguments?.some(
    ({ type, value }) => type === 'variable' && functions.has(String(value)),
  )
  if (body === undefined || isHanded !== true) return
  node.type = 'block'
  node.expressions = [body]
  delete node.thunk
  delete node.body
}

function operatorOf({ type, value }: Node): string | null {
  return (type === 'binary' ? binary[String(value)] : steps[type]) ?? null
}
