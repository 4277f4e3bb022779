/**
 * The matcher against a plain oracle: a list that is filtered and sorted, written from ROUTES.md §2 alone and
 * sharing no code with the tree. Random tables over a small vocabulary, so that routes compete.
 */
import { expect, test } from 'vitest'
import { buildMatcher, type Found } from '../../src/match/matcher.ts'
import type { MatchSpec } from '../../src/match/schema.ts'
import type { Subject } from '../../src/match/subject.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const TABLES = 400
const REQUESTS_PER_TABLE = 25

/** mulberry32: small, and good enough to draw tables. */
function makeRandom(start: number) {
  let state = start
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  return {
    below,
    chance: (percent: number) => below(100) < percent,
    one: <T>(list: readonly T[]) => list[below(list.length)] as T,
  }
}
type Random = ReturnType<typeof makeRandom>

const hosts = ['a.example.com', 'b.example.com', 'x.b.example.com', 'example.com', 'other.org']
const hostPatterns = [...hosts, '*.example.com', '*.b.example.com', '*.com', '*.org']
const words = ['a', 'b', 'c']
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']
// With the number of characters that are the same in all paths they hold, counted by hand.
const regexes = [
  { source: '^/', prefix: 1 },
  { source: '^/a/[ab]$', prefix: 3 },
  { source: '^/(?<first>[^/]+)/b', prefix: 1 },
  { source: '^/a(?:/|$)', prefix: 2 },
  { source: '^/[bc]', prefix: 1 },
]

function drawPath(random: Random): string {
  const length = random.below(4)
  const segments = Array.from({ length }, (_, index) =>
    random.chance(30) ? `:p${index}` : random.one(words),
  )
  if (random.chance(35)) segments.push(random.one(['*', '*rest']))
  else if (random.chance(8)) segments.push('')
  return `/${segments.join('/')}`
}

function drawSpec(random: Random): MatchSpec {
  const spec: Record<string, unknown> = {}
  if (random.chance(40)) {
    spec.hosts = Array.from({ length: 1 + random.below(2) }, () => random.one(hostPatterns))
  }
  if (random.chance(92)) {
    spec.path = random.chance(15) ? { regex: random.one(regexes).source } : drawPath(random)
  }
  if (random.chance(40)) {
    spec.methods = Array.from({ length: 1 + random.below(2) }, () => random.one(methods))
  }
  if (random.chance(20)) spec.headers = { 'X-A': '1', ...(random.chance(40) && { 'x-b': '1' }) }
  if (random.chance(20)) spec.query = { q: random.chance(50) ? '1' : { not: '1' } }
  if (random.chance(12))
    spec.client = { countries: ['DE'], ...(random.chance(40) && { asns: [7] }) }
  if (random.chance(10)) spec.body = { '/k': random.one(['1', '2']) }
  return spec as MatchSpec
}

function drawSubject(random: Random): Subject {
  const segments = Array.from({ length: random.below(5) }, () =>
    random.chance(8) ? '' : random.one([...words, 'z', '%20']),
  )
  const headers: Record<string, string> = {}
  if (random.chance(50)) headers['x-a'] = '1'
  if (random.chance(50)) headers['x-b'] = '1'
  return {
    method: random.one(methods),
    host: random.one(hosts),
    path: `/${segments.join('/')}`,
    query: random.one(['', '?q=1', '?q=2&q=1', '?q=%31', '?p=1']),
    headers,
    client: {
      address: null,
      country: random.one(['DE', 'FR', null]),
      continent: null,
      asn: random.one([7, 8]),
      colo: null,
    },
    body: random.one([
      { kind: 'unread' },
      { kind: 'other' },
      { kind: 'json', value: { k: '1' } },
    ] as const),
  }
}

interface Ranked {
  readonly route: number
  readonly spec: MatchSpec
  readonly params: Record<string, string>
  /** Compared from the left, the smaller first. */
  readonly key: readonly number[]
}

/** Smaller is more specific; null where no host holds. */
function hostKey(patterns: readonly string[] | undefined, host: string): number | null {
  if (patterns === undefined) return 1000
  const keys = patterns.flatMap((pattern) => {
    if (pattern === host) return [0]
    return pattern.startsWith('*') && host.endsWith(pattern.slice(1)) ? [500 - pattern.length] : []
  })
  return keys.length === 0 ? null : Math.min(...keys)
}

const EXACT = 0
const BY_SEGMENTS = 1
const REGEX = 2
const ANY = 3

function pathKey(path: MatchSpec['path'], given: string) {
  if (path === undefined) return { key: [ANY], params: {} }
  if (typeof path !== 'string') {
    const found = new RegExp(path.regex, 'u').exec(given)
    const { prefix } = regexes.find(({ source }) => source === path.regex)!
    return found && { key: [REGEX, -prefix], params: decodeAll(found.groups ?? {}) }
  }
  const pattern = path.slice(1).split('/')
  const segments = given.slice(1).split('/')
  const params: Record<string, string> = {}
  const key: number[] = []
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith('*')) {
      if (part.length > 1) params[part.slice(1)] = segments.slice(index).join('/')
      const kind = pattern.length === 1 ? ANY : BY_SEGMENTS
      // What ends here is more specific than what goes on with "*".
      return { key: kind === ANY ? [ANY] : [kind, ...key, 3], params: decodeAll(params) }
    }
    const segment = segments[index]
    if (segment === undefined) return null
    if (part.startsWith(':')) {
      if (segment === '') return null
      params[part.slice(1)] = segment
      key.push(1)
    } else {
      if (segment !== part) return null
      key.push(0)
    }
  }
  if (segments.length !== pattern.length) return null
  const isExact = !key.includes(1)
  return { key: isExact ? [EXACT] : [BY_SEGMENTS, ...key, 2], params: decodeAll(params) }
}

function decodeAll(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]),
  )
}

const size = (map: object | undefined) => Object.keys(map ?? {}).length

/** What holds host and path, best first. */
function rankAll(table: readonly MatchSpec[][], subject: Subject): Ranked[] {
  const ranked = table.flatMap((specs, route) =>
    specs.flatMap((spec, alternative): Ranked[] => {
      const host = hostKey(spec.hosts, subject.host)
      const path = pathKey(spec.path, subject.path)
      if (host === null || path === null) return []
      const { headers, query, body, client, methods: listed } = spec
      const conditions = [headers, query, body, client].map((map) => -size(map))
      const pathPart = [...path.key, ...Array(10 - path.key.length).fill(0)]
      const key = [host, ...pathPart, listed ? 0 : 1, ...conditions, route, alternative]
      return [{ route, spec, params: path.params, key }]
    }),
  )
  return ranked.sort((a, b) => {
    const at = a.key.findIndex((value, index) => value !== b.key[index])
    return (a.key[at] ?? 0) - (b.key[at] ?? 0)
  })
}

function takesMethod({ methods: listed }: MatchSpec, method: string): boolean {
  if (listed === undefined || listed.includes(method)) return true
  return method === 'HEAD' && listed.includes('GET')
}

function holdsHead({ headers, query, client }: MatchSpec, subject: Subject): boolean {
  const q = new URLSearchParams(subject.query).get('q')
  const wanted = query?.q
  return (
    Object.keys(headers ?? {}).every((name) => subject.headers[name.toLowerCase()] === '1') &&
    (wanted === undefined || (wanted === '1' ? q === '1' : q !== '1')) &&
    (client?.countries === undefined || subject.client.country === 'DE') &&
    (client?.asns === undefined || subject.client.asn === 7)
  )
}

function expectedOf(table: readonly MatchSpec[][], subject: Subject) {
  const ranked = rankAll(table, subject)
  for (const { route, spec, params } of ranked) {
    if (!takesMethod(spec, subject.method) || !holdsHead(spec, subject)) continue
    if (spec.body === undefined) return { kind: 'matched', route, params }
    if (subject.body.kind === 'unread') return { kind: 'needs-body' }
    const value = subject.body.kind === 'json' ? (subject.body.value as { k: string }).k : null
    if (spec.body['/k'] === value) return { kind: 'matched', route, params }
  }
  if (ranked.length === 0 || ranked.some(({ spec }) => takesMethod(spec, subject.method))) {
    return { kind: 'not-found' }
  }
  const allow = ranked.flatMap(({ spec }) => spec.methods ?? [])
  const all = new Set([...allow, ...(allow.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
  return { kind: 'method-not-allowed', allow: [...all].sort() }
}

function plain(found: Found) {
  switch (found.kind) {
    case 'matched':
      return { kind: found.kind, route: found.route, params: { ...found.params } }
    case 'method-not-allowed':
      return { kind: found.kind, allow: [...found.allow].sort() }
    default:
      return { kind: found.kind }
  }
}

function* cases() {
  const random = makeRandom(seed)
  for (let count = 0; count < TABLES; count++) {
    const table = Array.from({ length: 1 + random.below(14) }, () =>
      Array.from({ length: random.chance(15) ? 2 : 1 }, () => drawSpec(random)),
    )
    const matcher = buildMatcher(table.map((match, route) => ({ route, match })))
    for (let asked = 0; asked < REQUESTS_PER_TABLE; asked++) {
      yield { table, matcher, subject: drawSubject(random) }
    }
  }
}

test(`the matcher finds what a sorted list finds (SEED=${seed})`, () => {
  const kinds = new Map<string, number>()
  for (const { table, matcher, subject } of cases()) {
    const found = plain(matcher.find(subject))
    const expected = expectedOf(table, subject)
    kinds.set(found.kind, (kinds.get(found.kind) ?? 0) + 1)
    const about = JSON.stringify({ SEED: seed, subject, table })
    expect(JSON.stringify(found), about).toBe(JSON.stringify(expected))
  }
  // Random cases that never reach an outcome would show nothing.
  for (const kind of ['matched', 'needs-body', 'method-not-allowed', 'not-found']) {
    expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(20)
  }
})

test(`an explanation names the winner of the live path (SEED=${seed})`, () => {
  for (const { matcher, subject } of cases()) {
    if (subject.body.kind === 'unread') continue
    const found = matcher.find(subject)
    const won = matcher.explain(subject).filter(({ verdict }) => verdict.kind === 'won')
    const routes = found.kind === 'matched' ? [found.route] : []
    expect(won.map(({ route }) => route)).toEqual(routes)
  }
})
