/**
 * `cache`: keeps answers of services as RFC 9111 says, and answers from them. It runs after identity and permission,
 * so that a stored body never leaks; shaping of the answer runs on each hit.
 */
import { sha256Hex } from '../../buckets/sha256.ts'
import { noteSent } from '../../cache/conclude.ts'
import { invalidate, isUnsafe, type Names } from '../../cache/invalidate.ts'
import type { CacheRequest, Served } from '../../cache/parts.ts'
import { bindServe } from '../../cache/serve.ts'
import { keepForGet, watch } from '../../cache/watch.ts'
import type { CacheStatus } from '../../http/cache-status.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { type Asking, disguises, isShared, judgeUse } from './core.ts'
import { bindKey } from './key.ts'
import { bindBypass, bindTags, partsOf, readWish } from './options.ts'
import type { CacheOptions } from './schema.ts'
import { tell } from './tell.ts'

export const definition: PolicyDefinition<CacheOptions> = {
  use: 'cache',
  stage: 'reuse',
  arity: 'one',
  summary: 'Keeps answers of services, and answers from them.',
  bind: bindCache,
}

function bindCache(options: CacheOptions, context: BindContext): Wrap {
  const parts = partsOf(options)
  const serve = bindServe(parts, sha256Hex)
  const key = bindKey(options, context)
  const methods = new Set<string>(options.methods ?? ['GET', 'HEAD'])
  const isPrivate = options.private ?? null
  const isExcepted = bindBypass(options.bypass)
  const readTags = bindTags(options.tags)
  const follows = options.clientDirectives !== 'ignore'

  function askingOf(exchange: Exchange): Asking {
    const { method, received, identity, outgoing } = exchange
    return {
      method,
      isUpgrade: outgoing.headers.upgrade !== undefined,
      isIdentified: identity !== null,
      isDisguised: disguises.some((name) => received[name] !== undefined),
      isExcepted: isExcepted(exchange),
    }
  }

  function run(exchange: Exchange, next: Next): Promise<Served> {
    const { method, identity } = exchange
    const use = judgeUse(askingOf(exchange), { methods, isPrivate })
    const shared = isShared(identity !== null, isPrivate)
    if (use.kind === 'bypassed') {
      return passBy(exchange, next, shared, { fwd: use.reason, detail: use.detail })
    }
    key.clean(exchange)
    const request = makeRequest(exchange, next, shared)
    return method === 'POST' ? post(request) : serve(request)
  }

  function makeRequest(exchange: Exchange, next: Next, shared: boolean): CacheRequest {
    return {
      exchange,
      key: key.keyOf(exchange, shared),
      url: () => key.urlOf(exchange),
      shared,
      wish: follows ? readWish(exchange) : null,
      next,
      tags: () => readTags(exchange),
    }
  }

  async function post(request: CacheRequest): Promise<Served> {
    const { exchange, next, shared } = request
    const sent = noteSent(exchange)
    const served = await passBy(exchange, next, shared, { fwd: 'method' })
    return { ...served, answer: keepForGet(served.answer, sent, request, parts) }
  }

  async function passBy(
    exchange: Exchange,
    next: Next,
    shared: boolean,
    status: CacheStatus,
  ): Promise<Served> {
    const answer = await next(exchange)
    if (isUnsafe(exchange.method)) {
      const namesOf: Names = (place) => ({
        key: key.keyOf(exchange, shared, place),
        url: key.urlOf(exchange, place),
      })
      await invalidate(answer, { exchange, shared }, namesOf, parts)
    }
    const fwdStatus = answer instanceof Response ? { fwdStatus: answer.status } : {}
    return { answer, status: { ...status, ...fwdStatus }, outcome: 'bypass' }
  }

  return {
    kind: 'wrap',
    around: async function cache(exchange, next) {
      const served = await run(exchange, next)
      const { answer, status, outcome } = served
      exchange.event.cache = outcome
      exchange.event.policies[context.name] = outcome
      const shown = parts.showKey
        ? { ...status, key: key.keyOf(exchange, isShared(exchange.identity !== null, isPrivate)) }
        : status
      tell(exchange, answer, { status: shown, isOwn: outcome === 'hit' })
      return answer
    },
    shadow: async function watchCache(exchange, next) {
      const { policies } = exchange.event
      const shared = isShared(exchange.identity !== null, isPrivate)
      const use = judgeUse(askingOf(exchange), { methods, isPrivate })
      if (use.kind === 'bypassed' || exchange.method === 'POST') {
        policies[context.name] = 'would-bypass'
        return next(exchange)
      }
      const { answer, outcome } = await watch(makeRequest(exchange, next, shared), parts, sha256Hex)
      policies[context.name] = outcome
      return answer
    },
  }
}
