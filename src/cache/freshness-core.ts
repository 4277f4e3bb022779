/** How long an answer is fresh, and how old it is (RFC 9111 §4.2). Pure: reads no clock and no store. */
import { type Directives, isUnqualified, secondsOf } from '../http/cache-control.ts'
import { parseHttpDate } from '../http/dates.ts'
import { type Governing, governingDirectives } from '../http/targeted.ts'
import type { AnswerHead } from './answer.ts'
import { joined, readerOf } from './fields.ts'
import type { CacheRules } from './rules.ts'

export interface Freshness {
  readonly directives: Directives
  /** Milliseconds that it was old when it came (§4.2.3). */
  readonly initialAgeMs: number
  /** Milliseconds of lifetime from the moment the service made the answer. */
  readonly lifetimeMs: number
  /** Whether the service or the operator said so; false for the heuristic and for nothing at all. */
  readonly explicit: boolean
  /** Seconds after the lifetime in which it may still be used (RFC 5861). */
  readonly whileRevalidate: number
  readonly ifError: number
  /** It may never be used once stale without asking (RFC 9111 §4.2.4). */
  readonly mustRevalidate: boolean
  /** It may never be used without asking (§5.2.2.4). */
  readonly noCache: boolean
}

/** Statuses that may get a lifetime by heuristic (RFC 9110 §15.1). 206 is not among them: parts are not kept. */
const heuristicStatuses = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

// Longer guesses surprise operators: a day is where RFC 7234 §5.5.4 asked for a warning.
const MOST_HEURISTIC_MS = 86_400_000

/** The same for heads that are met again and again: read once as long as somebody holds the head. */
export function bindFreshness(rules: CacheRules): (head: AnswerHead, shared: boolean) => Freshness {
  const ofAll = new WeakMap<AnswerHead, Freshness>()
  const ofOne = new WeakMap<AnswerHead, Freshness>()
  return function freshnessOf(head, shared) {
    const memory = shared ? ofAll : ofOne
    let freshness = memory.get(head)
    if (freshness === undefined) {
      freshness = readFreshness(head, rules, shared)
      memory.set(head, freshness)
    }
    return freshness
  }
}

/** What the head says of its freshness. `shared` is false for a store of one caller's own. */
export function readFreshness(head: AnswerHead, rules: CacheRules, shared: boolean): Freshness {
  const governing = governingDirectives(readerOf(head.fields))
  const { directives } = governing
  const known: Known = { directives, initialAgeMs: initialAgeOf(head) }
  const own = ownLifetime(head.status, rules)
  if (rules.override && own !== null) return overridden(known, own, rules)
  const said = saidLifetime(head, governing, shared)
  const lifetime = said ?? (own === null ? null : own * 1000)
  const sharedAge = shared && directives.has('s-maxage')
  const mustRevalidate =
    directives.has('must-revalidate') || // §5.2.2.2
    (shared && directives.has('proxy-revalidate')) || // §5.2.2.8
    sharedAge // §5.2.2.10: s-maxage means proxy-revalidate too.
  return {
    ...known,
    lifetimeMs: lifetime ?? heuristicLifetime(head, directives, rules),
    explicit: lifetime !== null,
    whileRevalidate: windowOf(
      directives,
      'stale-while-revalidate',
      rules.staleWhileRevalidateSeconds,
    ),
    ifError: windowOf(directives, 'stale-if-error', rules.staleIfErrorSeconds),
    mustRevalidate,
    noCache: isUnqualified(directives, 'no-cache'),
  }
}

/** Whatever the rules say. */
type Known = Pick<Freshness, 'directives' | 'initialAgeMs'>

/** The operator's lifetime wins over the service's, and over what forbids to use it without asking. */
function overridden(known: Known, seconds: number, rules: CacheRules): Freshness {
  return {
    ...known,
    lifetimeMs: seconds * 1000,
    explicit: true,
    whileRevalidate: rules.staleWhileRevalidateSeconds,
    ifError: rules.staleIfErrorSeconds,
    mustRevalidate: false,
    noCache: false,
  }
}

/**
 * `ttlSeconds` holds for statuses that may be kept by heuristic, and for those that the operator listed: never by
 * itself for an error of the moment.
 */
function ownLifetime(status: number, rules: CacheRules): number | null {
  const isMeant = rules.statuses?.has(status) ?? heuristicStatuses.has(status)
  return rules.ttlByStatus.get(status) ?? (isMeant ? rules.ttlSeconds : null)
}

/** §4.2.1, in this order. What is there and cannot be read counts as stale. */
function saidLifetime(head: AnswerHead, { directives, targeted }: Governing, shared: boolean) {
  if (shared) {
    const sMaxAge = secondsOf(directives, 's-maxage')
    if (sMaxAge !== null) return sMaxAge === 'invalid' ? 0 : sMaxAge * 1000
  }
  const maxAge = secondsOf(directives, 'max-age')
  if (maxAge !== null) return maxAge === 'invalid' ? 0 : maxAge * 1000
  if (targeted) return null
  const expires = joined(head.fields, 'expires')
  if (expires === null) return null
  // §5.3: what is no date, "0" above all, means the past.
  const end = parseHttpDate(expires, head.receivedAt)
  return end === null ? 0 : Math.max(0, end - dateOf(head))
}

function heuristicLifetime(head: AnswerHead, directives: Directives, rules: CacheRules): number {
  if (rules.heuristicPercent === 0) return 0
  if (!heuristicStatuses.has(head.status) && !directives.has('public')) return 0 // §4.2.2
  const lastModified = joined(head.fields, 'last-modified')
  const changed = lastModified === null ? null : parseHttpDate(lastModified, head.receivedAt)
  if (changed === null) return 0
  const share = (Math.max(0, dateOf(head) - changed) * rules.heuristicPercent) / 100
  return Math.min(share, MOST_HEURISTIC_MS)
}

function windowOf(directives: Directives, name: string, otherwise: number): number {
  const said = secondsOf(directives, name)
  return said === null || said === 'invalid' ? otherwise : said
}

/** When the service made it: Date, or when it came where Date says nothing (RFC 9110 §6.6.1). */
export function dateOf(head: AnswerHead): number {
  const date = joined(head.fields, 'date')
  return (date === null ? null : parseHttpDate(date, head.receivedAt)) ?? head.receivedAt
}

/** Milliseconds since the service made or last confirmed it (§4.2.3). */
export function ageOf(head: AnswerHead, now: number): number {
  return agedBy(head, initialAgeOf(head), now)
}

/** The same where it is known how old it was when it came. */
export function agedBy({ receivedAt }: AnswerHead, initialAgeMs: number, now: number): number {
  // A clock that was set back makes nothing younger than it was.
  return initialAgeMs + Math.max(0, now - receivedAt)
}

function initialAgeOf(head: AnswerHead): number {
  const { requestedAt, receivedAt } = head
  const apparentAge = Math.max(0, receivedAt - dateOf(head))
  const responseDelay = Math.max(0, receivedAt - requestedAt)
  const correctedAge = readAge(joined(head.fields, 'age')) * 1000 + responseDelay
  return Math.max(apparentAge, correctedAge)
}

/** Age in seconds: of several values the first, and what is no number is as if it were not there (§5.1). */
function readAge(field: string | null): number {
  if (field === null) return 0
  const [first = ''] = field.split(',')
  const text = first.trim()
  return /^[0-9]+$/.test(text) ? Math.min(Number(text), 2_147_483_648) : 0
}
