/**
 * What caches are told of an answer that is made of many: the least of what its parts say, so that nothing is kept
 * longer, or for more people, than the strictest of them allows (RFC 9111 §5.2.2). Pure.
 */
import {
  type Directives,
  isUnqualified,
  noDirectives,
  parseCacheControl,
  readSeconds,
  secondsOf,
} from '../../../http/cache-control.ts'
import { parseHttpDate } from '../../../http/dates.ts'
import type { Fields } from '../../../http/headers.ts'
import { varyNames } from '../../../http/vary.ts'

/** An answer that the whole is made of. */
export interface Source {
  /** Lower-case names. */
  readonly headers: Readonly<Fields>
  /** The client's fields that decide what a field of the call was: itself where it was forwarded, none where it was not. */
  readonly madeOf: (name: string) => readonly string[]
  /** Whether the service was told who calls: by the client's Authorization, or by what the gateway knows of the caller. */
  readonly isAuthorized: boolean
}

interface Terms {
  readonly directives: Directives
  /** Seconds that it stays fresh for one client, and for all; null where it does not say. */
  readonly own: number | null
  readonly shared: number | null
  readonly isPrivate: boolean
}

/**
 * Cache-Control of the whole; null where the parts say nothing that holds for all of it. `isOfCaller`: the table made
 * it of what it knows of the caller, so that it is nobody else's, whatever services say that saw only their part.
 */
export function mergeCacheControl(
  sources: readonly Source[],
  { isOfCaller }: { readonly isOfCaller: boolean } = { isOfCaller: false },
): string | null {
  const parts = sources.map(readTerms)
  const has = (name: string) => parts.some(({ directives }) => isUnqualified(directives, name))
  if (has('no-store')) return 'no-store'
  const isPrivate = isOfCaller || parts.some((part) => part.isPrivate)
  const own = least(parts.map((part) => part.own))
  const shared = least(parts.map((part) => part.shared))
  const written: string[] = []
  if (isPrivate) written.push('private')
  else if (all(parts, 'public')) written.push('public')
  for (const name of ['no-cache', 'must-revalidate', 'proxy-revalidate', 'no-transform']) {
    if (has(name)) written.push(name)
  }
  if (own !== null) written.push(`max-age=${own}`)
  if (!isPrivate && shared !== null && shared !== own) written.push(`s-maxage=${shared}`)
  if (own === null && shared === null) return written.join(', ') || null
  // Only what every part allows: a part that names no window has none (RFC 5861).
  for (const name of ['stale-while-revalidate', 'stale-if-error']) {
    const window = least(parts.map(({ directives }) => readWindow(directives, name)))
    if (window !== null) written.push(`${name}=${window}`)
  }
  return written.join(', ')
}

function readTerms({ headers, isAuthorized }: Source): Terms {
  const field = headers['cache-control']
  const directives = field === undefined ? noDirectives : parseCacheControl(field)
  const age = readSeconds(headers.age?.split(',')[0]?.trim() ?? '') ?? 0
  const own = lifetime(directives, 'max-age') ?? readExpires(headers)
  const shared = lifetime(directives, 's-maxage') ?? own
  return {
    directives,
    own: own === null ? null : Math.max(0, own - age),
    shared: shared === null ? null : Math.max(0, shared - age),
    isPrivate: isUnqualified(directives, 'private') || (isAuthorized && !isForAll(directives)),
  }
}

/** What is there and cannot be read counts as stale (RFC 9111 §4.2.1). */
function lifetime(directives: Directives, name: string): number | null {
  const seconds = secondsOf(directives, name)
  return seconds === 'invalid' ? 0 : seconds
}

/** Expires less Date; without Date nothing here tells from when it counts, and it is not trusted. */
function readExpires({ expires, date }: Readonly<Fields>): number | null {
  if (expires === undefined) return null
  // Two digits of a year are told apart by the time of the answer itself; those forms are 30 years old.
  const from = date === undefined ? null : parseHttpDate(date, 0)
  const until = parseHttpDate(expires, from ?? 0)
  return from === null || until === null ? 0 : Math.max(0, Math.floor((until - from) / 1000))
}

/** What lets shared caches keep an answer to credentials (RFC 9111 §3.5): another part's word must not speak for it. */
function isForAll(directives: Directives): boolean {
  return ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name))
}

function all(parts: readonly Terms[], name: string): boolean {
  return parts.length > 0 && parts.every(({ directives }) => directives.has(name))
}

function readWindow(directives: Directives, name: string): number | null {
  const seconds = secondsOf(directives, name)
  return seconds === 'invalid' ? null : seconds
}

/** The smallest; null where one is missing, or there are none. */
function least(values: readonly (number | null)[]): number | null {
  let smallest = Number.POSITIVE_INFINITY
  for (const value of values) {
    if (value === null) return null
    if (value < smallest) smallest = value
  }
  return Number.isFinite(smallest) ? smallest : null
}

/**
 * Vary of the whole: the client's fields that parts were chosen by, and `own`, those that the calls are made of.
 * Null where the same request line always gives the same.
 */
export function mergeVary(sources: readonly Source[], own: readonly string[]): string | null {
  let names: Set<string> | null = null
  for (const { headers, madeOf } of sources) {
    const { vary } = headers
    if (vary === undefined) continue
    const varied = varyNames(vary)
    if (varied === '*') return '*'
    for (const name of varied) {
      for (const client of madeOf(name)) {
        names ??= new Set(own)
        names.add(client)
      }
    }
  }
  if (names !== null) return [...names].sort().join(', ')
  return own.length === 0 ? null : own.join(', ')
}
