/**
 * The position automaton of a regular expression (Glushkov), in which each edge carries the number of ways
 * to go from one character to the next. What a backtracking engine may try is exactly the runs of this
 * automaton; assertions count as passed, which can only add runs.
 */
import { type CharSet, everything } from './char-set.ts'
import type { RegexNode } from './parse.ts'

/** Position → number of ways. */
export type Ways = ReadonlyMap<number, number>

export interface Positions {
  /** The characters that each position reads. */
  readonly sets: readonly CharSet[]
  /** By position: where the next character may be read. */
  readonly follow: readonly Ways[]
  readonly first: Ways
  /** Positions after which the whole has matched, whatever comes. */
  readonly accepting: ReadonlySet<number>
  /** True where the whole matches with no character at all, whatever comes. */
  readonly acceptsAtOnce: boolean
}

// A match of 8 KiB visits each character in each position at worst: a thousand positions are some ten
// milliseconds. Edges bound the time of the check itself.
const MAX_POSITIONS = 1000
const MAX_EDGES = 100_000
// Ways to match nothing are tried at each visit.
const MAX_EMPTY_WAYS = 16

/** Null where the expression is too large to be looked at. */
export function positionsOf(node: RegexNode): Positions | null {
  const builder: Builder = { sets: [], follow: [], edges: 0, overflow: false }
  const whole = build(node, builder)
  if (builder.overflow) return null
  return {
    sets: builder.sets,
    follow: builder.follow,
    first: whole.first,
    accepting: whole.sureLast,
    acceptsAtOnce: whole.sureEmpty,
  }
}

interface Builder {
  readonly sets: CharSet[]
  readonly follow: Map<number, number>[]
  /** Edges made and nodes visited. */
  edges: number
  overflow: boolean
}

interface Fragment {
  readonly first: Ways
  readonly last: Ways
  /** Number of ways to match nothing. */
  readonly empty: number
  /** As `last` and `empty`, but with no assertion on the way. */
  readonly sureLast: ReadonlySet<number>
  readonly sureEmpty: boolean
}

const none: Ways = new Map()
const nowhere: ReadonlySet<number> = new Set()
const nothing: Fragment = { first: none, last: none, empty: 1, sureLast: nowhere, sureEmpty: true }
const asserted: Fragment = { ...nothing, sureEmpty: false }
// Behind the end of the text nothing can be read, so no way leads on.
const ended: Fragment = { ...asserted, empty: 0 }

function build(node: RegexNode, builder: Builder): Fragment {
  // Copies of what reads nothing cost time as well.
  if (++builder.edges > MAX_EDGES) builder.overflow = true
  if (builder.overflow) return nothing
  switch (node.kind) {
    case 'set':
      return position(node.set, builder)
    case 'sequence':
      return node.items.reduce<Fragment>(
        (before, item) => joined(before, build(item, builder), builder),
        nothing,
      )
    case 'choice':
      return node.options
        .map((option) => build(option, builder))
        .reduce((one, other) => either(one, other, builder))
    case 'repeat':
      return repeated(node, builder)
    case 'start':
    case 'assertion':
    case 'look':
      return asserted
    case 'end':
      return ended
    case 'unsupported':
      return position(everything, builder)
  }
}

function position(set: CharSet, builder: Builder): Fragment {
  const at = builder.sets.length
  builder.sets.push(set)
  builder.follow.push(new Map())
  if (at >= MAX_POSITIONS) builder.overflow = true
  const ways: Ways = new Map([[at, 1]])
  return { first: ways, last: ways, empty: 0, sureLast: new Set([at]), sureEmpty: false }
}

function added(one: Ways, other: Ways, times: number): Ways {
  if (times === 0 || other.size === 0) return one
  const sum = new Map(one)
  for (const [at, ways] of other) sum.set(at, (sum.get(at) ?? 0) + ways * times)
  return sum
}

function union(one: ReadonlySet<number>, other: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...one, ...other])
}

function connect(last: Ways, first: Ways, builder: Builder): void {
  builder.edges += last.size * first.size
  if (builder.edges > MAX_EDGES) builder.overflow = true
  if (builder.overflow) return
  for (const [from, waysOut] of last) {
    const follow = builder.follow[from] as Map<number, number>
    for (const [to, waysIn] of first) follow.set(to, (follow.get(to) ?? 0) + waysOut * waysIn)
  }
}

function bounded(fragment: Fragment, builder: Builder): Fragment {
  if (fragment.empty > MAX_EMPTY_WAYS) builder.overflow = true
  return fragment
}

function joined(one: Fragment, other: Fragment, builder: Builder): Fragment {
  connect(one.last, other.first, builder)
  return bounded(
    {
      first: added(one.first, other.first, one.empty),
      last: added(other.last, one.last, other.empty),
      empty: one.empty * other.empty,
      sureLast: other.sureEmpty ? union(one.sureLast, other.sureLast) : other.sureLast,
      sureEmpty: one.sureEmpty && other.sureEmpty,
    },
    builder,
  )
}

function either(one: Fragment, other: Fragment, builder: Builder): Fragment {
  return bounded(
    {
      first: added(one.first, other.first, 1),
      last: added(one.last, other.last, 1),
      empty: one.empty + other.empty,
      sureLast: union(one.sureLast, other.sureLast),
      sureEmpty: one.sureEmpty || other.sureEmpty,
    },
    builder,
  )
}

/** `x{2,4}` is `xx(x(x)?)?`, and `x{2,}` is `xxx*`. */
function repeated(node: RegexNode & { kind: 'repeat' }, builder: Builder): Fragment {
  const { item, least, most } = node
  let tail = most === Number.POSITIVE_INFINITY ? looped(build(item, builder), builder) : nothing
  const optional = most === Number.POSITIVE_INFINITY ? 0 : most - least
  for (let count = 0; count < optional && !builder.overflow; count++) {
    tail = either(joined(build(item, builder), tail, builder), nothing, builder)
  }
  for (let count = 0; count < least && !builder.overflow; count++) {
    tail = joined(build(item, builder), tail, builder)
  }
  return tail
}

/** An iteration that reads nothing ends the loop (ECMA-262 §22.2.2.3.1), so none is passed over. */
function looped(body: Fragment, builder: Builder): Fragment {
  connect(body.last, body.first, builder)
  return { ...body, empty: 1, sureEmpty: true }
}
