/**
 * Plain HTTP in front of a GraphQL service: a route holds the operation, a request gives its variables, and the answer
 * is the data, or a problem with a status. A route without an operation passes requests through as they are.
 */
import type { TimeLimits } from '../../calls/call.ts'
import type { Handler } from '../../config/plan.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer, AnswerEdit, Exchange } from '../../pipeline/exchange.ts'
import type { BoundUpstream } from '../http/upstream.ts'
import { chooseOperation } from './operation-core.ts'
import { readService, type ServiceRead } from './read.ts'
import { bindWire, type Form, type Wire } from './request.ts'
import { bindRespond, type Respond } from './respond.ts'
import type { GraphqlRouteOptions, GraphqlUpstreamOptions } from './schema.ts'
import { hasCode } from './status-core.ts'
import { bindGather, type Gather } from './variables.ts'

/** The longest body in either direction, unless told otherwise: it stands in the isolate as text and as values. */
const DEFAULT_BODY_BYTES = 4_194_304

export interface GraphqlParts {
  readonly upstream: BoundUpstream
  readonly options: GraphqlUpstreamOptions
  readonly route: GraphqlRouteOptions | undefined
  readonly limits: TimeLimits
}

interface Ready {
  readonly upstream: BoundUpstream
  /** Milliseconds for the whole; null for no limit. */
  readonly timeoutMs: number | null
  readonly limits: TimeLimits
  readonly maxBytes: number
  readonly isQuery: boolean
  readonly isPersisted: boolean
  readonly gather: Gather
  readonly wire: Wire
  readonly respond: Respond
}

export function bindGraphql(parts: GraphqlParts): Handler {
  const { upstream, route, limits } = parts
  if (route === undefined) return upstream.handler(limits)
  // Read by the first request: most isolates see few of the routes of a table.
  let ready: Ready | null = null
  return async function callOperation(exchange) {
    ready ??= makeReady(parts, route)
    const gathered = await ready.gather(exchange)
    return gathered.kind === 'refused' ? gathered : call(exchange, gathered.variables, ready)
  }
}

function makeReady({ upstream, options, limits }: GraphqlParts, route: GraphqlRouteOptions): Ready {
  const { path = '/graphql', maxBodyBytes = DEFAULT_BODY_BYTES, exposeErrors = true } = options
  const chosen = chooseOperation(route.query, route.operationName)
  // The checks of the table have refused every other.
  if (chosen?.kind !== 'operation') throw new TypeError('expected a document with its operation')
  const { operation } = chosen
  return {
    upstream,
    timeoutMs: limits.routeMs ?? upstream.timeoutMs ?? limits.defaultMs,
    limits,
    maxBytes: maxBodyBytes,
    isQuery: operation.kind === 'query',
    isPersisted: route.persisted ?? false,
    gather: bindGather(operation, route, maxBodyBytes),
    wire: bindWire({ path, route, operationName: operation.name }),
    respond: bindRespond(route, exposeErrors),
  }
}

type Variables = Readonly<Record<string, unknown>>

async function call(exchange: Exchange, variables: Variables, ready: Ready): Promise<Answer> {
  // It is sent by POST: whether it may be sent twice says the kind of the operation.
  if (ready.isQuery) exchange.isRepeatSafe = true
  const startedAt = exchange.ports.clock.now()
  const asking: Asking = { exchange, variables, startedAt, ready }
  const first = await ask(asking, ready.isPersisted ? 'hash' : 'document')
  const again = ready.isPersisted ? formAfter(first) : null
  const told = again === null ? first : await ask(asking, again)
  exchange.answer.push(...told.edits)
  if (told.read === null) return told.answer
  if (told.read.kind === 'refused') return told.read
  return ready.respond({ said: told.read, response: told.answer, exchange })
}

/** How it is asked again: nothing of an operation ran where its hash alone was sent and not known. */
function formAfter({ answer, read }: Told): Form | null {
  if (read === null) return null
  if (read.kind === 'said') {
    const { errors } = read
    if (hasCode(errors, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')) return 'both'
    if (hasCode(errors, 'PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')) {
      return 'document'
    }
    if (read.data !== null) return null
  }
  // Services that never heard of hashes miss the document, each in its own words.
  return answer.status === 400 ? 'document' : null
}

interface Asking {
  readonly exchange: Exchange
  readonly variables: Variables
  readonly startedAt: number
  readonly ready: Ready
}

/** `read` is null where the answer is one for the client already, or none of a service. */
type Told =
  | { readonly answer: Answer; readonly read: null; readonly edits: readonly AnswerEdit[] }
  | {
      readonly answer: Response
      readonly read: ServiceRead
      readonly edits: readonly AnswerEdit[]
    }

// Where nothing else bounds a body: what Cloudflare gives work that goes on behind an answer.
const MAX_BODY_MS = 30_000

async function ask({ exchange, variables, startedAt, ready }: Asking, form: Form): Promise<Told> {
  const { upstream, wire, maxBytes, timeoutMs } = ready
  const { clock } = exchange.ports
  const edits: AnswerEdit[] = []
  const limits = leftOf(ready, clock.now() - startedAt)
  if (limits === null) return { answer: late(), read: null, edits }
  const outgoing = wire.make(exchange, variables, form)
  const answer = await upstream.send(exchange, { outgoing, limits, edits, isCopy: false })
  const { fallback } = exchange.event
  // What a chain answered with in the place of a service is no GraphQL.
  if (!(answer instanceof Response) || fallback === 'respond' || fallback === 'stale') {
    return { answer, read: null, edits }
  }
  const ms = timeoutMs === null ? MAX_BODY_MS : startedAt + timeoutMs - clock.now()
  return { answer, read: await readService(answer, exchange, { maxBytes, ms }), edits }
}

/** A second call has the time that the first left. */
function leftOf({ limits, timeoutMs }: Ready, elapsedMs: number): TimeLimits | null {
  if (timeoutMs === null || elapsedMs === 0) return limits
  const left = timeoutMs - elapsedMs
  return left <= 0 ? null : { routeMs: left, defaultMs: null }
}

function late(): Refusal {
  return refuse('UPSTREAM_TIMEOUT', { failure: 'timeout' })
}
