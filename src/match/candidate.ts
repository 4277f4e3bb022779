/** One match of one route, bound: what it asks, and how it ranks among others that hold (ROUTES.md §2). */
import { bindConditions, type ConditionName, type Conditions } from './conditions.ts'
import { type PathPattern, type PathSegment, parsePath } from './path-pattern.ts'
import { literalPrefixLength } from './path-regex.ts'
import type { MatchSpec } from './schema.ts'
import type { Subject } from './subject.ts'

export type CandidatePath =
  | PathPattern
  | { readonly kind: 'regex'; readonly regex: RegExp; readonly literalPrefixLength: number }
  /** No path was given. */
  | { readonly kind: 'any' }

export interface Candidate {
  readonly route: number
  /** Index in the list of matches of the route. */
  readonly alternative: number
  /** Place in the table: the lower wins where nothing else decides. */
  readonly place: number
  /** The path, or the regular expression, as written; `/*` where none is given. */
  readonly pattern: string
  readonly path: CandidatePath
  /** Null for all. */
  readonly methods: ReadonlySet<string> | null
  readonly unconditional: boolean
  readonly conditions: Conditions
  /** The expression of the path, or null. */
  readonly regex: RegExp | null
  /** Names of `:param` in the order of the path. */
  readonly paramNames: readonly string[]
  /** Name of the last `*`, or null. */
  readonly restName: string | null
}

/** Gives the value that came first of those with equal members: thousands of routes share a few, and memory. */
export interface Share {
  methods(methods: ReadonlySet<string>): ReadonlySet<string>
  names(names: readonly string[]): readonly string[]
  text(text: string): string
}

export function bindCandidate(
  spec: MatchSpec,
  at: Pick<Candidate, 'route' | 'alternative' | 'place'>,
  share: Share,
): Candidate {
  const conditions = bindConditions(spec)
  const { headers, query, client, body } = conditions
  const { path, pattern } = bindPath(spec.path, share)
  const segments = path.kind === 'path' ? path.segments : []
  return {
    ...at,
    path,
    pattern,
    methods: spec.methods === undefined ? null : share.methods(methodsOf(spec.methods)),
    unconditional: headers.length + query.length + client.length + body.length === 0,
    conditions,
    regex: path.kind === 'regex' ? path.regex : null,
    paramNames: share.names(
      segments.flatMap((segment) => (segment.kind === 'param' ? [segment.name] : [])),
    ),
    restName: path.kind === 'path' ? (path.rest?.name ?? null) : null,
  }
}

function bindPath(path: MatchSpec['path'], share: Share): Pick<Candidate, 'path' | 'pattern'> {
  if (path === undefined) return { path: { kind: 'any' }, pattern: '/*' }
  if (typeof path === 'string') {
    const parsed = parsePath(path)
    if (parsed.kind === 'invalid') throw new TypeError('the path passed the schema and is invalid')
    return { path: { ...parsed, segments: shareSegments(parsed, share) }, pattern: path }
  }
  const regex = new RegExp(path.regex, 'u')
  const prefix = literalPrefixLength(path.regex)
  return { path: { kind: 'regex', regex, literalPrefixLength: prefix }, pattern: path.regex }
}

function shareSegments({ segments }: PathPattern, share: Share): readonly PathSegment[] {
  return segments.map((segment) =>
    segment.kind === 'param'
      ? segment
      : { kind: 'literal', spellings: segment.spellings.map((spelling) => share.text(spelling)) },
  )
}

function methodsOf(methods: readonly string[]): ReadonlySet<string> {
  // A set keeps its order: HEAD stands beside GET in Allow.
  return new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))
}

/** Criteria below the path, from the first that decides to the last. */
export type Criterion =
  | 'method list'
  | 'header conditions'
  | 'query conditions'
  | 'body conditions'
  | 'client conditions'
  | 'list order'

/** Whether `a` goes before `b` where host and path do not tell (negative), and by which criterion. */
export function rank(a: Candidate, b: Candidate): { order: number; criterion: Criterion } {
  const listed = Number(b.methods !== null) - Number(a.methods !== null)
  if (listed !== 0) return { order: listed, criterion: 'method list' }
  for (const key of ['headers', 'query', 'body', 'client'] as const) {
    const more = b.conditions[key].length - a.conditions[key].length
    if (more !== 0) return { order: more, criterion: criteria[key] }
  }
  const order = a.place - b.place || a.alternative - b.alternative
  return { order, criterion: 'list order' }
}

const criteria = {
  headers: 'header conditions',
  query: 'query conditions',
  body: 'body conditions',
  client: 'client conditions',
} as const

export type Judgement =
  | { readonly kind: 'held' }
  | { readonly kind: 'needs-body'; readonly limitBytes: number }
  | { readonly kind: 'failed'; readonly condition: { readonly kind: 'method' } | ConditionName }

const held: Judgement = { kind: 'held' }
const otherMethod: Judgement = { kind: 'failed', condition: { kind: 'method' } }

/** What a request is matched as: a preflight has neither the headers nor the body of what it asks for. */
export type Purpose = 'request' | 'preflight'

/** Whether a candidate whose host and path hold takes the request. The body comes last: it has to be read. */
export function judge(candidate: Candidate, subject: Subject, purpose: Purpose): Judgement {
  if (candidate.methods !== null && !candidate.methods.has(subject.method)) return otherMethod
  if (candidate.unconditional) return held
  const { headers, query, client, body, bodyLimitBytes } = candidate.conditions
  const asked = purpose === 'request' ? [headers, query, client] : [query, client]
  for (const conditions of asked) {
    for (const condition of conditions) {
      if (!condition.holds(subject)) return { kind: 'failed', condition: condition.failed }
    }
  }
  if (body.length === 0 || purpose === 'preflight') return held
  if (subject.body.kind === 'unread') return { kind: 'needs-body', limitBytes: bodyLimitBytes }
  const failed = body.find((condition) => !condition.holds(subject))
  return failed === undefined ? held : { kind: 'failed', condition: failed.failed }
}
