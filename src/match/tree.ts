/**
 * The tree of path patterns: one node per segment, so that a look-up takes as long as the path and not as
 * the table. It is walked in the order of ROUTES.md §2 (a literal beats `:param` beats `*`), going back
 * where a branch leads to nothing.
 */
import type { PathPattern } from './path-pattern.ts'

export interface PathNode<Leaf> {
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
  return { literals: null, param: null, exact: null, rest: null }
}

/** The leaf of a pattern, made where there is none yet. */
export function leafOf<Leaf>(root: PathNode<Leaf>, pattern: PathPattern, make: () => Leaf): Leaf {
  let node = root
  for (const segment of pattern.segments) {
    if (segment.kind === 'param') {
      node.param ??= makeNode()
      node = node.param
      continue
    }
    node.literals ??= new Map()
    const child: PathNode<Leaf> = node.literals.get(segment.spellings[0] as string) ?? makeNode()
    for (const spelling of segment.spellings) node.literals.set(spelling, child)
    node = child
  }
  if (pattern.rest === null) {
    node.exact ??= make()
    return node.exact
  }
  node.rest ??= make()
  return node.rest
}

/** Visits the leaves that hold the path, most specific first; true when `accept` stopped it. */
export function walkTree<Leaf>(root: PathNode<Leaf>, walk: Walk<Leaf>): boolean {
  return visit(root, 1, 0, walk)
}

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
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  if (node.literals !== null) {
    const child = node.literals.get(path.slice(from, end))
    if (child !== undefined && visit(child, end + 1, params, walk)) return true
  }
  // An empty segment is no value.
  if (node.param !== null && end > from) {
    walk.spans[2 * params] = from
    walk.spans[2 * params + 1] = end
    if (visit(node.param, end + 1, params + 1, walk)) return true
  }
  return node.rest !== null && walk.accept(node.rest, from)
}
