/** Finds the route of a request (ROUTES.md §2). Pure: a table of matches in, an outcome out. */
import type { Refusal } from '../errors/refusal.ts'
import type { Purpose } from './candidate.ts'
import { type Explained, explainSearch } from './explain.ts'
import { type Params, paramsOf } from './params.ts'
import { findHit } from './search.ts'
import type { Subject } from './subject.ts'
import { buildTable, type MatchEntry, type MatchTable } from './table.ts'

export type Found =
  | {
      readonly kind: 'matched'
      /** Index of the route in the document. */
      readonly route: number
      readonly params: Params
      /** The path pattern that held, as written: the template of logs and metrics. */
      readonly pattern: string
    }
  /** A route still in the running looks at the body: read it, then ask again. */
  | { readonly kind: 'needs-body'; readonly limitBytes: number }
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }
  | Refusal

export interface Matcher {
  find(subject: Subject): Found
  /**
   * The route of the method that a CORS preflight asks for, which stands in `subject.method`. Conditions on
   * headers and body are left out: a preflight carries neither (Fetch §4.8).
   */
  findPreflight(subject: Subject): Found
  /** For each match of the table, whether it won, or the rule by which it lost. Slow: for people only. */
  explain(subject: Subject): readonly Explained[]
}

const notFound: Found = { kind: 'not-found' }

/** Binds the matches of all routes, in the order of the document. Their strings have passed the schema. */
export function buildMatcher(entries: readonly MatchEntry[]): Matcher {
  const table = buildTable(entries)
  const find = (subject: Subject, purpose: Purpose): Found => {
    const hit = findHit(table, subject, purpose)
    if (hit.needsBody !== null) return hit.needsBody
    if (hit.candidate === null) return withoutRoute(table, subject)
    const { route, pattern } = hit.candidate
    return { kind: 'matched', route, params: paramsOf(hit.candidate, hit), pattern }
  }
  return {
    find: (subject) => find(subject, 'request'),
    findPreflight: (subject) => find(subject, 'preflight'),
    explain: (subject) => explainSearch(table, subject),
  }
}

/** 405 where the path is there under other methods only; a match that fails by anything else is no route. */
function withoutRoute(table: MatchTable, subject: Subject): Found {
  const allow = new Set<string>()
  let otherReason = false
  table.search(subject.host, {
    path: subject.path,
    spans: [],
    accept: (leaf) => {
      for (const { methods } of leaf) {
        if (methods === null || methods.has(subject.method)) otherReason = true
        else for (const method of methods) allow.add(method)
      }
      return otherReason
    },
  })
  if (otherReason || allow.size === 0) return notFound
  return { kind: 'method-not-allowed', allow: [...allow.add('OPTIONS')] }
}
