/**
 * The tree of path patterns: one node per segment, so that a look-up takes as long as the path and not as
 * the table. It is walked in the order of ROUTES.md §2 (a literal beats `:param` beats `*`), going back
 * where a branch leads to nothing. In a large table each object on the way is a cache miss: hence few of them.
 */
import type { PathPattern } from './path-pattern.ts'

export interface PathNode<Leaf> {
  /** The one literal that goes on from here; compared in place, where a map would cut and hash a string. */
  literal: string | null
  literalNode: PathNode<Leaf> | null
  /** All literals, once there is more than one. */
  literals: Map<string, PathNode<Leaf>> | null
  param: PathNode<Leaf> | null
  /** Patterns that end here. */
  exact: Leaf | null
  /** Patterns that end here with `*`. */
  rest: Leaf | null
}

/** One walk over a tree. `accept` says whether to stop at a leaf. */
export interface Walk<Leaf> {
  readonly path: string
  /** Start and end of the segments that params hold, in the order of the path; read it in `accept`. */
  readonly spans: number[]
  /** `restAt` is where the text of `*` begins; at or behind the end of the path it is empty. */
  accept(leaf: Leaf, restAt: number): boolean
}

export function makeNode<Leaf>(): PathNode<Leaf> {
  return {
    literal: null,
    literalNode: null,
    literals: null,
    param: null,
    exact: null,
    rest: null,
  }
}

/** The leaf of a pattern, made where there is none yet. */
export function leafOf<Leaf>(root: PathNode<Leaf>, pattern: PathPattern, make: () => Leaf): Leaf {
  let node = root
  for (const segment of pattern.segments) {
    if (segment.kind === 'param') {
      node.param ??= makeNode()
      node = node.param
    } else {
      node = childOf(node, segment.spellings)
    }
  }
  if (pattern.rest === null) {
    node.exact ??= make()
    return node.exact
  }
  node.rest ??= make()
  return node.rest
}

function childOf<Leaf>(node: PathNode<Leaf>, spellings: readonly string[]): PathNode<Leaf> {
  const [first = ''] = spellings
  const known = node.literal === first ? node.literalNode : node.literals?.get(first)
  if (known !== undefined && known !== null) return known
  const child = makeNode<Leaf>()
  const isOnly = node.literal === null && node.literals === null && spellings.length === 1
  if (isOnly) {
    node.literal = first
    node.literalNode = child
    return child
  }
  node.literals ??= new Map()
  if (node.literal !== null && node.literalNode !== null) {
    node.literals.set(node.literal, node.literalNode)
    node.literal = null
    node.literalNode = null
  }
  for (const spelling of spellings) node.literals.set(spelling, child)
  return child
}

/** Visits the leaves that hold the path, most specific first; true when `accept` stopped it. */
export function walkTree<Leaf>(root: PathNode<Leaf>, walk: Walk<Leaf>): boolean {
  return visit(root, 1, 0, walk)
}

const SLASH = 0x2f

/** `from` is where the next segment begins; behind the end of the path there is none left. */
function visit<Leaf>(
  node: PathNode<Leaf>,
  from: number,
  params: number,
  walk: Walk<Leaf>,
): boolean {
  const { path } = walk
  if (from > path.length) {
    if (node.exact !== null && walk.accept(node.exact, from)) return true
    return node.rest !== null && walk.accept(node.rest, from)
  }
  const { literal, literalNode, literals, param } = node
  if (literal !== null && literalNode !== null) {
    const end = from + literal.length
    const isWhole = end === path.length || path.charCodeAt(end) === SLASH
    if (isWhole && path.startsWith(literal, from)) {
      if (visit(literalNode, end + 1, params, walk)) return true
    }
  }
  if (literals !== null || param !== null) {
    const slash = path.indexOf('/', from)
    const end = slash === -1 ? path.length : slash
    const child = literals?.get(path.slice(from, end))
    if (child !== undefined && visit(child, end + 1, params, walk)) return true
    // An empty segment is no value.
    if (param !== null && end > from) {
      walk.spans[2 * params] = from
      walk.spans[2 * params + 1] = end
      if (visit(param, end + 1, params + 1, walk)) return true
    }
  }
  return node.rest !== null && walk.accept(node.rest, from)
}
