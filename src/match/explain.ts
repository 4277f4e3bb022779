/**
 * Says of each match of a table whether it won a request, and by which rule it lost. The places come from
 * the search of the live path and the judgement is its own, so that an explanation cannot differ from it.
 */
import { type Candidate, type Criterion, judge, rank } from './candidate.ts'
import type { ConditionName } from './conditions.ts'
import type { Subject } from './subject.ts'
import type { Leaf, MatchTable } from './table.ts'

export type LostBy =
  | { readonly kind: 'host' }
  | { readonly kind: 'path' }
  | { readonly kind: 'method' }
  | ConditionName
  /** All of it holds, and `route` (an index) goes before it. */
  | {
      readonly kind: 'outranked'
      readonly route: number
      readonly criterion: 'host' | 'path' | Criterion
    }

export interface Explained {
  readonly route: number
  /** Index in the route's list of matches. */
  readonly alternative: number
  readonly pattern: string
  readonly verdict: { readonly kind: 'won' } | { readonly kind: 'lost'; readonly by: LostBy }
}

/** In the order of the table. A body that was not read counts as none. */
export function explainSearch(table: MatchTable, subject: Subject): readonly Explained[] {
  const known: Subject =
    subject.body.kind === 'unread' ? { ...subject, body: { kind: 'other' } } : subject
  const places = placesOf(table, known)
  const winner = [...places.keys()].find((candidate) => takes(candidate, known))
  return table.candidates.map((candidate) => ({
    route: candidate.route,
    alternative: candidate.alternative,
    pattern: candidate.pattern,
    verdict:
      candidate === winner
        ? { kind: 'won' }
        : { kind: 'lost', by: lostBy(candidate, { table, subject: known, places, winner }) },
  }))
}

/** `less specific than users: path`, with the names of routes for their indexes. */
export function describeLoss(by: LostBy, nameOf: (route: number) => string): string {
  switch (by.kind) {
    case 'host':
    case 'path':
    case 'method':
      return by.kind
    case 'header':
    case 'query':
    case 'client':
      return `${by.kind} "${by.name}"`
    case 'body':
      return `body "${by.pointer}"`
    case 'outranked':
      return `less specific than ${nameOf(by.route)}: ${by.criterion}`
  }
}

/** Where the search met a candidate first. */
interface Place {
  readonly leaf: Leaf
  /** Rank of the host: 0 is the most specific. */
  readonly host: number
}

/** The candidates that hold host and path, in the order in which they are asked. */
function placesOf(table: MatchTable, { host, path }: Subject): Map<Candidate, Place> {
  const places = new Map<Candidate, Place>()
  table.search(host, {
    path,
    spans: [],
    accept: (leaf) => {
      for (const candidate of leaf) {
        if (places.has(candidate)) continue
        places.set(candidate, { leaf, host: table.hostRank(candidate, host) })
      }
      return false
    },
  })
  return places
}

function takes(candidate: Candidate, subject: Subject): boolean {
  return judge(candidate, subject, 'request').kind === 'held'
}

interface Search {
  readonly table: MatchTable
  readonly subject: Subject
  readonly places: ReadonlyMap<Candidate, Place>
  readonly winner: Candidate | undefined
}

function lostBy(candidate: Candidate, { table, subject, places, winner }: Search): LostBy {
  const place = places.get(candidate)
  if (place === undefined) {
    const held = table.hostRank(candidate, subject.host) !== Number.POSITIVE_INFINITY
    return { kind: held ? 'path' : 'host' }
  }
  const judged = judge(candidate, subject, 'request')
  if (judged.kind === 'failed') return judged.condition
  const first = winner === undefined ? undefined : places.get(winner)
  if (winner === undefined || first === undefined) throw new Error('what holds has a winner')
  const samePath = first.leaf === place.leaf || sharePrefixLength(winner, candidate)
  const criterion =
    first.host !== place.host ? 'host' : samePath ? rank(winner, candidate).criterion : 'path'
  return { kind: 'outranked', route: winner.route, criterion }
}

/** Different expressions are compared by the length of their literal prefix alone. */
function sharePrefixLength({ path: one }: Candidate, { path: other }: Candidate): boolean {
  return (
    one.kind === 'regex' &&
    other.kind === 'regex' &&
    one.literalPrefixLength === other.literalPrefixLength
  )
}
