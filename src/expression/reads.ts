/**
 * Which values of its input an expression reads, by their paths from the root. Where that is not plain from the text,
 * it is said to read all: calls of an aggregate are ordered by this, so nothing may be missed.
 */
import type { Definition, Node } from './library.ts'
import { filtersOf, nodesOf, pairsOf, plainName } from './nodes.ts'

export interface Reads {
  readonly paths: readonly (readonly string[])[]
  readonly readsAll: boolean
}

/** Whether names in a node are looked up in the root, or in something that a path came to and that is noted already. */
type Context = 'root' | 'inner'

export function readsOf(ast: Node, builtIn: (name: string) => Definition | undefined): Reads {
  const reader = new Reader(builtIn)
  for (const node of nodesOf(ast)) {
    // Both make names stand for what is above the context: `%` its parent, after `@` what it was before the step.
    if (node.type === 'parent' || node.focus !== undefined) reader.readsAll = true
    // A "-" in a signature makes the context an argument that is not written.
    if (node.signature?.definition.includes('-') === true) reader.readsAll = true
  }
  reader.visit(ast, 'root')
  return { paths: [...reader.paths.values()], readsAll: reader.readsAll }
}

class Reader {
  readonly paths = new Map<string, readonly string[]>()
  readsAll = false
  private readonly builtIn: (name: string) => Definition | undefined

  constructor(builtIn: (name: string) => Definition | undefined) {
    this.builtIn = builtIn
  }

  visit(node: Node, context: Context): void {
    if (node.type === 'path') this.visitPath(node, context)
    else this.visitOne(node, context)
    for (const filter of filtersOf(node)) this.visit(filter, 'inner')
    for (const part of (node.group?.lhs ?? []).flat()) this.visit(part, 'inner')
  }

  private visitPath(path: Node, context: Context): void {
    const [first, ...rest] = path.steps as [Node, ...Node[]]
    if (first.type === 'name') {
      if (context === 'root') this.note(namesFrom(path.steps as Node[]))
      this.visitAround(first)
    } else if (isRoot(first, context)) {
      const names = plainVariable(first) ? namesFrom(rest) : []
      this.note(names)
      this.visitAround(first)
    } else {
      this.visit(first, context)
    }
    for (const step of rest) this.visit(step, 'inner')
  }

  private visitAround(step: Node): void {
    for (const filter of filtersOf(step)) this.visit(filter, 'inner')
    for (const part of pairsOf(step).flat()) this.visit(part, 'inner')
  }

  private visitOne(node: Node, context: Context): void {
    if (isRoot(node, context)) this.readsAll = true
    if (node.type === 'wildcard' || node.type === 'descendant') this.readsAll ||= context === 'root'
    if (node.type === 'name' && context === 'root') this.note([node.value as string])
    if (node.type === 'function' || node.type === 'partial') this.visitCall(node, context)
    for (const { expression } of node.terms ?? []) this.visit(expression, 'inner')
    for (const part of [node.pattern, node.update, node.delete]) {
      if (part !== undefined) this.visit(part, 'inner')
    }
    // A lambda keeps the context in which it is written, whoever calls it.
    const within = [node.rhs, node.expression, node.body, node.condition, node.then, node.else]
    const sides = Array.isArray(node.lhs) ? node.lhs.flat() : [node.lhs]
    for (const part of [...sides, ...within, ...(node.expressions ?? [])]) {
      if (part !== undefined) this.visit(part, context)
    }
  }

  private visitCall(node: Node, context: Context): void {
    const { procedure, arguments: given = [] } = node
    const named = procedure?.type === 'variable' ? String(procedure.value) : ''
    const signature = this.builtIn(named)?.signature?.definition
    if (context === 'root' && signature !== undefined && given.length < needed(signature)) {
      this.readsAll = true
    }
    for (const part of given) if (part.type !== 'operator') this.visit(part, context)
    if (procedure !== undefined) this.visit(procedure, context)
  }

  private note(names: readonly string[]): void {
    if (names.length === 0) this.readsAll = true
    else this.paths.set(JSON.stringify(names), names)
  }
}

/** `$$` is the root everywhere, `$` where nothing came before. */
function isRoot(node: Node, context: Context): boolean {
  return (
    node.type === 'variable' && (node.value === '$' || (node.value === '' && context === 'root'))
  )
}

function plainVariable(node: Node): boolean {
  return (node.stages ?? node.predicate ?? node.group ?? node.index) === undefined
}

/** The names that steps begin with; behind a filter everything counts as read. */
function namesFrom(steps: readonly Node[]): readonly string[] {
  const names: string[] = []
  for (const step of steps) {
    if (step.type !== 'name') break
    names.push(step.value as string)
    if (plainName(step) === null) break
  }
  return names
}

/** How many arguments keep the context from being one: those of a signature such as `<s-nn?:s>` without `?`. */
function needed(signature: string): number {
  if (!signature.includes('-')) return 0
  const flat = signature.replace(/:.*$/, '').replace(/\([^)]*\)/g, 'x')
  return flat.replace(/[a-z]\?|[<>-]/g, '').length
}
