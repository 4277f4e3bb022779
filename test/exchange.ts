/** An exchange as the gateway would make it, for tests: memory ports and a clock that stands still. */

// At hand before a test begins: to load a module takes time that no clock of a test knows.
import '../src/expression/at-hand.ts'
import '../src/identity/keys/stored.ts'
import type { Answers, Fills, Purges } from '../src/cache/answer.ts'
import { noAnswers, noFills, noPurges } from '../src/cache/answer.ts'
import { emptyFields, type Fields, readFields } from '../src/http/headers.ts'
import type { IdempotencyObjects } from '../src/idempotency/messages.ts'
import { normalizePath } from '../src/match/normalize.ts'
import type { Client, Exchange, Outgoing } from '../src/pipeline/exchange.ts'
import type { BindContext } from '../src/pipeline/policy.ts'
import { makeMemories } from '../src/platform/memories.ts'
import { MemoryDocuments } from '../src/platform/memory/documents.ts'
import type {
  BucketObjects,
  Documents,
  Environment,
  Floods,
  Memories,
  Network,
  NetworkCall,
  Ports,
  Responses,
  Tallies,
  UpstreamObjects,
  VersionUses,
} from '../src/platform/ports.ts'
import { runtimeTimers } from '../src/platform/timers.ts'

/** 2026-01-02T03:04:05.000Z: when every request of a test comes in, unless it says otherwise. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5)

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

export interface ExchangeParts {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Outgoing['body']
  readonly client?: Partial<Client>
  readonly params?: Readonly<Record<string, string>>
  /** The path pattern of the route. */
  readonly pattern?: string
  readonly route?: string
  readonly preflight?: boolean
  readonly id?: string
  /** Milliseconds since 1970. */
  readonly now?: number
  readonly network?: Network
  readonly identity?: Exchange['identity']
  readonly documents?: Documents
  readonly memories?: Memories
  readonly responses?: Responses
  readonly buckets?: BucketObjects
  readonly tallies?: Tallies
  readonly versionUses?: VersionUses
  readonly floods?: Floods
  readonly upstreams?: UpstreamObjects
  readonly answers?: Answers
  readonly fills?: Fills
  readonly purges?: Purges
  readonly idempotency?: IdempotencyObjects
}

/** An exchange right after the match: nothing ran yet, all header fields that may go on are in `outgoing`. */
export function makeExchange(parts: ExchangeParts = {}): Exchange {
  const { method = 'GET', url = 'https://api.example.com/', now = START, id = 'request-1' } = parts
  const target = makeTarget(url)
  const request = new Request(url)
  const rules = { underscores: false, reserved: new Set<string>() }
  const { received, onward } = readFields(new Headers(parts.headers), rules)
  const client = { ...unknownClient, address: '203.0.113.7', ...parts.client }
  const body = parts.body ?? null
  const query = target.query
  return {
    request,
    ports: makePorts(now, parts),
    startedAt: now,
    id,
    idHeader: null,
    logging: null,
    trace: {
      traceId: TRACE,
      spanId: SPAN,
      flags: '01',
      state: null,
    },
    method,
    preflight: parts.preflight ?? false,
    target,
    received,
    client,
    subject: {
      method,
      host: target.host,
      path: target.path,
      query,
      headers: received,
      client,
      body: { kind: 'unread' },
    },
    identity: parts.identity ?? null,
    route: parts.route === undefined ? null : makeRoute(parts.route),
    params: Object.assign(Object.create(null) as Record<string, string>, parts.params),
    conclusion: null,
    outgoing: { method, path: target.path, query, headers: onward, host: null, body },
    answer: [],
    onLeave: null,
    isRepeatSafe: false,
    reenter: () => Promise.reject(new Error('nothing is entered again here')),
    within: null,
    event: makeEvent({ id, method, now, pattern: parts.pattern ?? null }),
  }
}

/** Header fields with no prototype, as an exchange has them. */
export function fields(record: Readonly<Record<string, string>>): Fields {
  return Object.assign(emptyFields(), record)
}

/** What a policy is bound with; `missed` collects what it asked for in vain. */
export function makeBindContext(
  given: {
    readonly secrets?: Readonly<Record<string, string>>
    readonly name?: string
    readonly id?: string
    readonly plans?: BindContext['plans']
    readonly anonymous?: BindContext['anonymous']
    readonly challenges?: readonly string[]
    readonly bindInner?: BindContext['bindInner']
    readonly shapeReads?: BindContext['shapeReads']
    readonly capacity?: BindContext['capacity']
    readonly priority?: BindContext['priority']
    readonly route?: string
  } = {},
): BindContext & { readonly missed: readonly (readonly [string, string, string])[] } {
  const missed: (readonly [string, string, string])[] = []
  const environment: Environment = {
    variable: () => undefined,
    secret: (name) => given.secrets?.[name],
    service: () => 'absent',
  }
  return {
    name: given.name ?? 'policy-1',
    id: given.id ?? `route:users/${given.name ?? 'policy-1'}`,
    plans: given.plans ?? new Map(),
    anonymous: given.anonymous ?? null,
    capacity: given.capacity ?? (() => () => null),
    priority: given.priority ?? null,
    route: given.route ?? 'users',
    shapeReads: given.shapeReads ?? [],
    pointer: '/routes/0/policies/0',
    environment,
    missing: (pointer, code, name) => void missed.push([pointer, code, name]),
    challenges: given.challenges ?? [],
    bindInner:
      given.bindInner ??
      (() => {
        throw new Error('no policies within in this test')
      }),
    missed,
  }
}

const unknownClient: Client = {
  address: null,
  country: null,
  continent: null,
  asn: null,
  colo: null,
}

function makeTarget(url: string): Exchange['target'] {
  const { protocol, host, hostname, port } = new URL(url)
  const rest = url.slice(url.indexOf(host) + host.length)
  const mark = rest.indexOf('?')
  const path = mark === -1 ? rest : rest.slice(0, mark)
  const keep = { emptySegments: 'keep', encodedSlash: 'keep', semicolon: 'keep' } as const
  const normalized = normalizePath(path || '/', keep)
  if (typeof normalized !== 'string') throw new TypeError(`no path: ${url}`)
  return {
    scheme: protocol === 'http:' ? 'http' : 'https',
    authority: host,
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: normalized,
    query: mark === -1 ? '' : rest.slice(mark),
  }
}

function makePorts(now: number, parts: ExchangeParts): Ports {
  return {
    clock: { now: () => now },
    randomness: { hex: (bytes) => '0'.repeat(2 * bytes), fraction: () => 0.5 },
    network: parts.network ?? unreachable,
    timers: runtimeTimers,
    memories: parts.memories ?? makeMemories(),
    responses: parts.responses ?? noResponses,
    documents: parts.documents ?? new MemoryDocuments(),
    floods: parts.floods ?? noFloods,
    buckets: parts.buckets ?? noBuckets,
    tallies: parts.tallies ?? noTallies,
    versionUses: parts.versionUses ?? noVersionUses,
    upstreams: parts.upstreams ?? noUpstreams,
    answers: parts.answers ?? noAnswers,
    fills: parts.fills ?? noFills,
    purges: parts.purges ?? noPurges,
    idempotency: parts.idempotency ?? noIdempotency,
    defer: () => {},
  }
}

const noFloods: Floods = { allows: () => Promise.reject(new Error('no binding in this test')) }

/** Objects that cannot be reached. */
const noBuckets: BucketObjects = {
  call: () => Promise.reject(new Error('no buckets in this test')),
  look: () => Promise.reject(new Error('no buckets in this test')),
  change: () => Promise.reject(new Error('no buckets in this test')),
}
const noTallies: Tallies = {
  report: () => Promise.reject(new Error('no tally in this test')),
  read: () => Promise.reject(new Error('no tally in this test')),
}
const noVersionUses: VersionUses = {
  report: () => Promise.reject(new Error('no count of versions in this test')),
  read: () => Promise.reject(new Error('no count of versions in this test')),
}
const noUpstreams: UpstreamObjects = {
  exchange: () => Promise.reject(new Error('no objects of upstreams in this test')),
  command: () => Promise.reject(new Error('no objects of upstreams in this test')),
}

const noIdempotency: IdempotencyObjects = {
  begin: () => Promise.reject(new Error('no idempotency keys in this test')),
  renew: () => Promise.reject(new Error('no idempotency keys in this test')),
  end: () => Promise.reject(new Error('no idempotency keys in this test')),
}

/** A Cache API that holds nothing. */
const noResponses: Responses = { get: async () => null, put: async () => {} }

/** What no test of the plain pipeline asks. */
export const idlePorts: Omit<Ports, 'clock' | 'randomness' | 'network' | 'defer'> = {
  timers: runtimeTimers,
  memories: makeMemories(),
  responses: noResponses,
  documents: new MemoryDocuments(),
  floods: noFloods,
  buckets: noBuckets,
  tallies: noTallies,
  versionUses: noVersionUses,
  upstreams: noUpstreams,
  answers: noAnswers,
  fills: noFills,
  purges: noPurges,
  idempotency: noIdempotency,
}

const unreachable: Network = {
  send: (call: NetworkCall) => Promise.reject(new Error(`no network in this test: ${call.url}`)),
  sendTo: (binding) => Promise.reject(new Error(`no network in this test: ${binding}`)),
}

function makeRoute(name: string): NonNullable<Exchange['route']> {
  const run = () => new Response(null, { status: 204 })
  return {
    name,
    pointer: '/routes/0',
    run,
    preflight: null,
    policies: [],
    missing: [],
    open: true,
    resourceMetadata: false,
  }
}

function makeEvent(parts: {
  readonly id: string
  readonly method: string
  readonly now: number
  readonly pattern: string | null
}): Exchange['event'] {
  return {
    time: new Date(parts.now).toISOString(),
    request: parts.id,
    within: null,
    trace: TRACE,
    span: SPAN,
    table: null,
    route: null,
    method: parts.method,
    path: parts.pattern,
    status: 0,
    upstream: null,
    target: null,
    tries: 0,
    breaker: null,
    fallback: null,
    durationMs: 0,
    upstreamMs: 0,
    bytesIn: null,
    bytesOut: null,
    cache: null,
    policies: {},
    version: null,
    consumer: null,
    country: null,
    colo: null,
    error: null,
  }
}
