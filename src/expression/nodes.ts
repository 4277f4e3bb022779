/** Every node below a node, whatever part it plays there. */
import type { Node } from './library.ts'

export function childrenOf(node: Node): readonly Node[] {
  const found: (Node | undefined)[] = [
    ...(node.steps ?? []),
    ...(node.expressions ?? []),
    ...(node.terms ?? []).map(({ expression }) => expression),
    ...filtersOf(node),
    ...pairsOf(node).flat(),
    Array.isArray(node.lhs) ? undefined : node.lhs,
    node.rhs,
    node.expression,
    node.procedure,
    // Of a lambda these are the names of its parameters.
    ...(node.type === 'lambda' ? [] : (node.arguments ?? [])),
    node.body,
    node.condition,
    node.then,
    node.else,
    node.pattern,
    node.update,
    node.delete,
  ]
  return found.filter((child) => child !== undefined)
}

/** The conditions in brackets behind a node. */
export function filtersOf(node: Node): readonly Node[] {
  return [...(node.stages ?? []), ...(node.predicate ?? [])].flatMap(({ expr }) => expr ?? [])
}

/** Keys and values of an object that the node makes, and of a group-by behind it. */
export function pairsOf(node: Node): readonly (readonly [key: Node, value: Node])[] {
  return [...(Array.isArray(node.lhs) ? node.lhs : []), ...(node.group?.lhs ?? [])]
}

export function* nodesOf(root: Node): Generator<Node> {
  yield root
  for (const child of childrenOf(root)) yield* nodesOf(child)
}

/** The name that a step of a path is, where it is nothing more: no filter, binding or group-by. */
export function plainName(step: Node | undefined): string | null {
  if (step?.type !== 'name' || typeof step.value !== 'string') return null
  const { stages, predicate, group, focus, index, ancestor, keepArray } = step
  const isMore = stages ?? predicate ?? group ?? focus ?? index ?? ancestor ?? keepArray
  return isMore === undefined ? step.value : null
}
