/**
 * What becomes of the service's answer: stored or not, and given to the client at once. Stored is what the service
 * sent, before any edit; an answer of the gateway itself never is.
 */
import type { Refusal } from '../errors/refusal.ts'
import { readLength } from '../http/body.ts'
import { type Directives, noDirectives, parseCacheControl } from '../http/cache-control.ts'
import { governingDirectives } from '../http/targeted.ts'
import { selectingFields, varyNames } from '../http/vary.ts'
import type { Answer, Exchange } from '../pipeline/exchange.ts'
import type { AnswerHead } from './answer.ts'
import { headOfRead } from './frame.ts'
import { readFreshness } from './freshness-core.ts'
import type { Keeping } from './keep.ts'
import type { CacheParts, CacheRequest } from './parts.ts'
import { judgeStorable, keptFields } from './storable-core.ts'
import type { News } from './update-core.ts'

/** What was known when the service was asked. */
export interface Sent {
  readonly requestedAt: number
  readonly generation: number
  /** The request as it went on, with the client's own conditions. */
  readonly fields: Readonly<Record<string, string>>
}

export function noteSent({ ports, outgoing }: Exchange): Sent {
  const now = ports.clock.now()
  return {
    requestedAt: now,
    generation: ports.purges.current(now).generation,
    // A copy: what an upstream adds to its calls says nothing of the request, and may be secret.
    fields: { ...outgoing.headers },
  }
}

export function isRefusal(answer: Answer): answer is Refusal {
  return !(answer instanceof Response)
}

/** 500, 502, 503, 504, or no answer at all: what a stale answer may stand in for (RFC 5861 §4). */
export function isFailure(answer: Answer, { event }: Exchange): boolean {
  if (isRefusal(answer)) return answer.code !== 'CLIENT_CLOSED'
  const { status } = answer
  if (event.fallback?.startsWith('none:')) return true
  return status === 500 || (status >= 502 && status <= 504)
}

/** Whether a fallback answered in the place of the service. */
export function isStoodIn({ event }: Exchange): boolean {
  return event.fallback != null && !event.fallback.startsWith('none:')
}

export type Worth =
  | ({ readonly kind: 'storable' } & Keeping & { readonly declared: number | null })
  | { readonly kind: 'unstorable'; readonly why: string }

/** Whether the answer may be kept, and the head that it would have. */
export function weigh(
  response: Response,
  sent: Sent,
  {
    request,
    slot,
    epoch,
  }: {
    readonly request: CacheRequest
    readonly slot: string
    readonly epoch: number | undefined
  },
  { rules }: CacheParts,
): Worth {
  const { exchange, shared } = request
  const { ports, received, method, event } = exchange
  if (isStoodIn(exchange)) return { kind: 'unstorable', why: 'fallback' }
  // The route answers by itself, each request from its own templates.
  if (event.upstream === null) return { kind: 'unstorable', why: 'no-upstream' }
  const receivedAt = ports.clock.now()
  const vary = varyNames(response.headers.get('vary'))
  const encoded = response.headers.has('content-encoding')
  const declared = encoded ? null : readLength(response.headers.get('content-length') ?? undefined)
  const head: AnswerHead = {
    status: response.status,
    fields: fieldsOf(response, shared),
    requestedAt: sent.requestedAt,
    receivedAt,
    selecting: vary === '*' ? [] : selectingFields(vary, sent.fields),
    tags: [...tagsOf(response), ...request.tags()],
    generation: sent.generation,
    length: response.body === null ? 0 : declared,
    epoch: epoch ?? sent.requestedAt,
  }
  const freshness = readFreshness(head, rules, shared)
  const asked = {
    method,
    hasAuthorization: received.authorization !== undefined,
    directives: wishOf(request),
  }
  const hasCookies = response.headers.has('set-cookie')
  const judged = { head, freshness, asked, hasCookies, vary, shared }
  const verdict = judgeStorable(judged, rules, receivedAt)
  if (verdict.kind === 'unstorable') return verdict
  return { ...verdict, slot, head: headOfRead(head), declared }
}

/** A client that wants nothing stored is heard whatever else of it is followed. */
function wishOf({ exchange, wish }: CacheRequest): Directives {
  if (wish !== null) return wish.directives
  const asked = parseCacheControl(exchange.received['cache-control'])
  return asked.has('no-store') ? new Map([['no-store', null]]) : noDirectives
}

function tagsOf(response: Response): readonly string[] {
  const field = response.headers.get('cache-tag')
  if (field === null) return []
  return field
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}

const connectionOptions = new Set(['close', 'keep-alive', ''])

function fieldsOf(response: Response, shared: boolean): AnswerHead['fields'] {
  const { headers } = response
  const { directives } = governingDirectives((name) => headers.get(name))
  const namedByConnection = (headers.get('connection') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => !connectionOptions.has(name))
  return keptFields(headers, { directives, namedByConnection, shared })
}

/** What a 304 or an answer to HEAD tells of the stored one. */
export function newsOf(response: Response, sent: Sent, request: CacheRequest): News {
  return {
    fields: fieldsOf(response, request.shared),
    requestedAt: sent.requestedAt,
    receivedAt: request.exchange.ports.clock.now(),
  }
}
