/**
 * `cache` of a call: the flow of the policy `cache`, with the request of the call in the place of the client's. The key
 * is made of all that is sent, so that requests which share an answer would have been the same to the service.
 */
import { sha256Hex } from '../../../buckets/sha256.ts'
import { bindCounts, cleanQuery, joinParts, sortQuery } from '../../../cache/key-core.ts'
import { urlOf } from '../../../cache/look-up.ts'
import { bindServe } from '../../../cache/serve.ts'
import { emptyFields } from '../../../http/headers.ts'
import type { Answer, Exchange, Outgoing } from '../../../pipeline/exchange.ts'
import { disguises } from '../../../policies/cache/core.ts'
import {
  bindBypass,
  bindTags,
  type KeepingOptions,
  partsOf,
  readWish,
} from '../../../policies/cache/options.ts'
import { bindKeyPart } from '../../../policies/limit-key-parts.ts'
import { type Read, readAttribute } from '../../../template/vocabulary.ts'
import type { BoundUpstream } from '../../http/upstream.ts'
import type { CallSpec } from '../schema.ts'
import type { AggregateScope } from '../scope.ts'
import { namesRead, tellsCaller } from './caller.ts'
import { tellingFields } from './forward.ts'
import type { CallRequest } from './request.ts'
import type { SendCall } from './shot.ts'

// Grows when the parts of a key change: what an older build has stored is not found.
const FORM = 'call-1'

type CacheCallOptions = NonNullable<CallSpec['cache']>

export function bindCallCache(
  spec: CallSpec,
  given: CacheCallOptions,
  scope: AggregateScope,
): SendCall {
  const options: KeepingOptions = given
  const parts = partsOf(options)
  const serve = bindServe(parts, sha256Hex)
  const clean = bindClean(options)
  const isExcepted = bindBypass(options.bypass)
  const readTags = bindTags(options.tags)
  const follows = options.clientDirectives !== 'ignore'
  const upstream = scope.find(spec.upstream)
  const readers = [
    ...(options.varyBy ?? []).map((name) => bindKeyPart(name, scope.route).read),
    ...readsOf(upstream),
  ]
  const listed = tellingFields(spec)
  const isTold = tellsCaller(upstream) || listed.length > 0
  const isPrivate = options.private ?? null

  function sharedBy({ identity }: Exchange): boolean {
    return isPrivate === null ? identity === null || !isTold : !isPrivate
  }

  function keyOf(own: Exchange, { own: fields, text }: CallRequest, shared: boolean): string {
    const { identity, admitted = [], outgoing } = own
    const { method, path, query, headers } = outgoing
    const key = [FORM, scope.route, spec.upstream, method, path, query, text]
    for (const [name, value] of fields) key.push(name, value)
    if (shared || identity === null) key.push('')
    else key.push('caller', identity.authority, identity.subject)
    // Where all callers are to share, what they send is none of the key.
    if (isPrivate !== false) {
      for (const name of listed) key.push(name, headers[name] ?? '')
      for (const [field, value] of admitted) if (isTold) key.push('admitted', field, value)
    }
    for (const read of readers) key.push(read(own))
    return sha256Hex(joinParts(key))
  }

  return async function sendCached(own, request, send) {
    const { outgoing } = own
    const isDisguised = disguises.some((name) => outgoing.headers[name] !== undefined)
    if (isDisguised || isExcepted(own) || (isPrivate === true && own.identity === null)) {
      own.event.cache = 'bypass'
      return send(own, outgoing)
    }
    outgoing.query = clean(outgoing.query)
    const shared = sharedBy(own)
    // The call stands where the flow looks for the client's request.
    const exchange: Exchange = {
      ...own,
      target: targetOf(spec.upstream, outgoing),
      received: Object.assign(emptyFields(), outgoing.headers),
    }
    const { answer, outcome } = await serve({
      exchange,
      key: keyOf(own, request, shared),
      url: () => urlOf(exchange.target),
      shared,
      wish: follows ? readWish(own) : null,
      next: (asking) => sendFor(asking, exchange, own, send),
      tags: () => readTags(own),
    })
    own.event.cache = outcome
    return answer
  }
}

/** To the call pipeline the request is the client's again. What nobody waits for has an exchange of its own. */
function sendFor(
  asking: Exchange,
  waiting: Exchange,
  own: Exchange,
  send: (exchange: Exchange, outgoing: Outgoing) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  if (asking !== waiting) {
    const { target, received } = own
    return send({ ...asking, target, received }, asking.outgoing)
  }
  if (asking.staleAnswer !== undefined) own.staleAnswer = asking.staleAnswer
  return send(own, own.outgoing)
}

function targetOf(upstream: string, { path, query }: Outgoing): Exchange['target'] {
  return { scheme: 'http', authority: upstream, host: upstream, port: '', path, query }
}

/** What does not count does not reach the service either. Parameters of a call are the table's: all do, unless it says so. */
function bindClean({ query }: KeepingOptions): (query: string) => string {
  if (query === undefined) return (text) => text
  const { sort = false, only = null, ignore = [] } = query
  const counts = bindCounts({ sort, only, ignore })
  return function cleanOf(text) {
    const cleaned = cleanQuery(text, counts)
    return sort ? sortQuery(cleaned) : cleaned
  }
}

/** Different for each request, and nothing that an answer is chosen by. */
const unread: ReadonlySet<string> = new Set(['request.id', 'now.seconds', 'route.name'])

/** What an upstream adds to each call, as far as answers may differ by it. */
function readsOf(upstream: BoundUpstream): readonly Read[] {
  return namesRead(upstream).flatMap((name) => {
    const read = unread.has(name) ? null : readAttribute(name)
    return read === null ? [] : [read]
  })
}
