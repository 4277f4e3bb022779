/** What an expression may not hold, though the library would run it, and which names of the vocabulary it reads. */
import type { Definition, Node } from './library.ts'
import { nodesOf } from './nodes.ts'
import { type Invalid, invalid } from './parse.ts'
import { checkLiteral } from './regex.ts'
import { type Attribute, attributeOf, isFamily } from './variables.ts'

/** Functions that are not there, and why. */
const refused: Readonly<Record<string, string>> = {
  eval: 'no $eval: text from a request is never run',
  pad: 'no $pad: its cost is a number in the data',
  random: 'no $random: the same request has the same answer',
  shuffle: 'no $shuffle: the same request has the same answer',
}

export interface Checked {
  readonly kind: 'checked'
  readonly attributes: readonly Attribute[]
  /** The built-in functions that are named. */
  readonly functions: readonly string[]
}

export function checkNodes(
  ast: Node,
  builtIn: (name: string) => Definition | undefined,
): Checked | Invalid {
  const nodes = [...nodesOf(ast)]
  const bound = boundNames(nodes)
  for (const { name, at } of bound) {
    if (isFamily(name)) return invalid(at, `another name than $${name}, which is the request's`)
  }
  const own = new Set(bound.map(({ name }) => name))
  const attributes = new Map<string, Attribute>()
  const heads = new Set<Node>()
  for (const node of nodes) {
    const [first] = node.steps ?? []
    if (first?.type !== 'variable' || !isFamily(first.value)) continue
    const attribute = attributeOf(node)
    if (attribute === null || !isBare(first)) return invalid(startOf(first), expectedName(first))
    heads.add(first)
    attributes.set(attribute.join('.'), attribute)
  }
  const functions = new Set<string>()
  for (const node of nodes) {
    const problem = heads.has(node) ? null : checkNode(node, own, builtIn)
    if (problem !== null) return invalid(startOf(node), problem)
    if (node.type === 'variable' && builtIn(String(node.value))) functions.add(String(node.value))
  }
  return { kind: 'checked', attributes: [...attributes.values()], functions: [...functions] }
}

function checkNode(
  node: Node,
  own: ReadonlySet<string>,
  builtIn: (name: string) => Definition | undefined,
): string | null {
  if (node.type === 'regex') return checkLiteral(node.value)
  if (node.type === 'function') return checkPattern(node)
  if (node.type !== 'variable') return null
  const name = String(node.value)
  // "" is the context and "$" the root.
  if (name === '' || name === '$') return null
  if (Object.hasOwn(refused, name)) return refused[name] ?? null
  if (isFamily(name)) return expectedName(node)
  if (own.has(name) || builtIn(name) !== undefined) return null
  return `a variable that is bound here, a function of JSONata or a name of the request in place of $${name}`
}

/** A pattern of `$match` that is computed is text, never a regular expression, and fails on every request. */
function checkPattern({ procedure, arguments: given = [] }: Node): string | null {
  if (procedure?.type !== 'variable' || procedure.value !== 'match') return null
  const pattern = given[1]
  if (pattern === undefined) return null
  return pattern.type === 'regex' || pattern.type === 'variable' || pattern.type === 'lambda'
    ? null
    : 'a regular expression between "/" and "/" as pattern of $match'
}

/** Where the text of a node begins: the library tells where it ends. */
function startOf({ type, value, position }: Node): number | undefined {
  if (position === undefined) return undefined
  if (type === 'variable') return position - String(value).length - 1
  return value instanceof RegExp
    ? position - value.source.length - value.flags.length - 1
    : position
}

function expectedName({ value }: Node): string {
  return `a name that templates know after "$${String(value)}."`
}

function isBare(node: Node): boolean {
  const { stages, predicate, group, focus, index, keepArray } = node
  return (stages ?? predicate ?? group ?? focus ?? index ?? keepArray) === undefined
}

interface BoundName {
  readonly name: string
  readonly at: number | undefined
}

/** All names that the expression binds, wherever they hold: parameters, `:=`, `@` and `#`. */
function boundNames(nodes: readonly Node[]): readonly BoundName[] {
  return nodes.flatMap((node) => {
    const bind = node.type === 'bind' ? [node.lhs as Node] : []
    const parameters = node.type === 'lambda' ? (node.arguments ?? []) : []
    const counted = (node.stages ?? []).filter(({ type }) => type === 'index')
    const names = [...bind, ...parameters, ...counted].map(({ value }) => String(value))
    for (const name of [node.focus, node.index]) if (name !== undefined) names.push(name)
    return names.map((name) => ({ name, at: node.position }))
  })
}
