/**
 * All matches of a table in the order of ROUTES.md §2: per host exact paths, a tree, then regular expressions,
 * then what takes any path. One search serves the live path, `Allow`, `when` and `explain`.
 */
import { bindCandidate, type Candidate, rank, type Share } from './candidate.ts'
import { type HostPattern, parseHostPattern } from './host-pattern.ts'
import type { PathPattern } from './path-pattern.ts'
import type { MatchSpec } from './schema.ts'
import { leafOf, makeNode, type PathNode, type Walk, walkTree } from './tree.ts'
import { regexSubject } from './value-condition.ts'

/** The matches of one route. */
export interface MatchEntry {
  /** Index of the route in the document. */
  readonly route: number
  readonly match: readonly MatchSpec[]
}

/** Candidates with the same path, best first. */
export type Leaf = Candidate[]

interface HostTable {
  /** Paths without params, whole: they go before all others, and most requests end here. */
  readonly exact: Map<string, Leaf>
  readonly root: PathNode<Leaf>
  /** A leaf per expression; the longer literal prefix first. */
  readonly regexes: RegexLeaf[]
  /** `/*` and matches without a path. */
  readonly any: Leaf
  /** What is left to sort when all are in. */
  readonly leaves: Set<Leaf>
}

interface RegexLeaf {
  readonly leaf: Leaf
  readonly regex: RegExp
  readonly literalPrefixLength: number
}

export interface MatchTable {
  /** All candidates in the order of the table. */
  readonly candidates: readonly Candidate[]
  /**
   * Visits the leaves that hold host and path, most specific first. `walk.spans` tells the params of a leaf
   * while it is visited.
   */
  search(host: string, walk: Walk<Leaf>): boolean
  /** How specific the best of the candidate's hosts is that holds: 0 is exact; Infinity where none holds. */
  hostRank(candidate: Candidate, host: string): number
}

export function buildTable(entries: readonly MatchEntry[]): MatchTable {
  const exact = new Map<string, HostTable>()
  const wildcards = new Map<string, HostTable>()
  const everyHost = makeHostTable()
  const candidates: Candidate[] = []
  const share = makeShare()
  const hostsOf = new Map<Candidate, readonly HostPattern[]>()

  for (const [place, { route, match }] of entries.entries()) {
    for (const [alternative, spec] of match.entries()) {
      const candidate = bindCandidate(spec, { route, alternative, place }, share)
      const hosts = (spec.hosts ?? []).map(parseHostPattern)
      candidates.push(candidate)
      hostsOf.set(candidate, hosts)
      if (hosts.length === 0) insert(everyHost, candidate)
      for (const host of hosts) {
        if (host.kind === 'exact') insert(tableOf(exact, host.name), candidate)
        if (host.kind === 'wildcard') insert(tableOf(wildcards, host.suffix), candidate)
      }
    }
  }
  for (const table of [...exact.values(), ...wildcards.values(), everyHost]) sort(table)
  return {
    candidates,
    hostRank: (candidate, host) => {
      const hosts = hostsOf.get(candidate) ?? []
      if (hosts.length === 0) return MAX_HOST_LENGTH
      return Math.min(...hosts.map((pattern) => rankOfHost(pattern, host)))
    },
    search(host, walk) {
      const own = exact.get(host)
      if (own !== undefined && searchHost(own, walk)) return true
      if (wildcards.size > 0) {
        // From the longest suffix to the shortest: at most 127 labels fit into a name (RFC 1035 §2.3.4).
        for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
          const below = wildcards.get(host.slice(dot + 1))
          if (below !== undefined && dot > 0 && searchHost(below, walk)) return true
        }
      }
      return searchHost(everyHost, walk)
    },
  }
}

function makeShare(): Share {
  const methods = makeFirstOf<ReadonlySet<string>>()
  const names = makeFirstOf<readonly string[]>()
  const texts = makeFirstOf<string>()
  return {
    methods: (set) => methods([...set].sort().join(), set),
    names: (list) => names(list.join(), list),
    text: (text) => texts(text, text),
  }
}

function makeFirstOf<T>(): (key: string, value: T) => T {
  const known = new Map<string, T>()
  return (key, value) => {
    const first = known.get(key) ?? value
    known.set(key, first)
    return first
  }
}

function makeHostTable(): HostTable {
  return { exact: new Map(), root: makeNode(), regexes: [], any: [], leaves: new Set() }
}

function tableOf(tables: Map<string, HostTable>, name: string): HostTable {
  const known = tables.get(name)
  if (known !== undefined) return known
  const made = makeHostTable()
  tables.set(name, made)
  return made
}

// RFC 1035 §2.3.4, rounded up: more than any suffix leaves over.
const MAX_HOST_LENGTH = 256

function rankOfHost(pattern: HostPattern, host: string): number {
  if (pattern.kind === 'exact' && pattern.name === host) return 0
  if (pattern.kind !== 'wildcard' || !host.endsWith(`.${pattern.suffix}`)) return Infinity
  // What the wildcard stands for: the less of it, the longer the suffix.
  return host.length - pattern.suffix.length
}

function insert(table: HostTable, candidate: Candidate): void {
  const leaf = leafFor(table, candidate)
  // In it already where the leaf is new, or two entries of `hosts` are one name in two spellings.
  if (leaf.at(-1) !== candidate) leaf.push(candidate)
  table.leaves.add(leaf)
}

/** A new leaf is made with its candidate: an array that grows by `push` takes room for seventeen. */
function leafFor(table: HostTable, candidate: Candidate): Leaf {
  const { path } = candidate
  if (path.kind === 'any') return table.any
  if (path.kind === 'path') {
    const whole = wholePath(path)
    if (whole !== null) {
      const known = table.exact.get(whole) ?? [candidate]
      table.exact.set(whole, known)
      return known
    }
    const isBareRest = path.segments.length === 0 && path.rest !== null
    return isBareRest ? table.any : leafOf<Leaf>(table.root, path, () => [candidate])
  }
  const { regex, literalPrefixLength } = path
  const leaf: Leaf = [candidate]
  table.regexes.push({ leaf, regex, literalPrefixLength })
  return leaf
}

/** The one path that the pattern holds; null where it has params, a rest or a second spelling. */
function wholePath({ segments, rest }: PathPattern): string | null {
  if (rest !== null) return null
  let whole = ''
  for (const segment of segments) {
    if (segment.kind === 'param' || segment.spellings.length > 1) return null
    whole += `/${segment.spellings[0]}`
  }
  return whole
}

function sort(table: HostTable): void {
  for (const leaf of table.leaves) leaf.sort((a, b) => rank(a, b).order)
  table.leaves.clear()
  // Each expression has one candidate: among those of one prefix length the rest of the order decides.
  table.regexes.sort(
    (a, b) =>
      b.literalPrefixLength - a.literalPrefixLength ||
      rank(a.leaf[0] as Candidate, b.leaf[0] as Candidate).order,
  )
}

function searchHost(table: HostTable, walk: Walk<Leaf>): boolean {
  const { path } = walk
  if (table.exact.size > 0) {
    const leaf = table.exact.get(path)
    if (leaf !== undefined && walk.accept(leaf, path.length)) return true
  }
  if (walkTree(table.root, walk)) return true
  const subject = table.regexes.length === 0 ? path : regexSubject(path)
  for (const { leaf, regex } of table.regexes) {
    if (regex.test(subject) && walk.accept(leaf, path.length)) return true
  }
  return table.any.length > 0 && walk.accept(table.any, 1)
}
