/** The kind `http`: services behind URLs or service bindings. Binds one entry of `upstreams` once per table. */
import { type Credits, pickNext } from '../../calls/balance/core.ts'
import type { Call, Send, Target } from '../../calls/call.ts'
import { bindDeadline } from '../../calls/deadline/deadline.ts'
import { send } from '../../calls/send/send.ts'
import { type BoundAuth, bindAuth } from '../../calls/sign/sign.ts'
import type { Handler } from '../../config/plan.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindScope } from '../../pipeline/policy.ts'
import { bindUpstreamHeaders } from './headers.ts'
import type { UpstreamOptions } from './schema.ts'

/** An upstream that is ready to be called. */
export interface BoundUpstream {
  readonly name: string
  /** Milliseconds until headers unless the route says otherwise; null for no limit. */
  readonly timeoutMs: number | null
  /** The end of a route's pipeline: sends `outgoing` on. */
  handler(timeoutMs: number | null): Handler
}

export function bindHttpUpstream(
  name: string,
  options: UpstreamOptions,
  scope: BindScope,
): BoundUpstream {
  const pick = bindPick(bindTargets(options, scope))
  const writeHeaders = bindUpstreamHeaders(options.headers ?? {}, scope)
  const auth: BoundAuth | null =
    options.auth === undefined
      ? null
      : bindAuth(options.auth, { ...scope, pointer: `${scope.pointer}/auth` })
  const guard = auth?.guard ?? null
  return {
    name,
    timeoutMs: options.timeoutMs ?? null,
    handler(timeoutMs) {
      // Without `auth` there is no step: what is not configured costs nothing.
      const last: Send = auth === null ? send : auth.around(send)
      const first: Send = timeoutMs === null ? last : bindDeadline(timeoutMs, last)
      return function callUpstream(exchange) {
        exchange.event.upstream = name
        guard?.(exchange)
        const refusal = writeHeaders(exchange.outgoing.headers, exchange)
        return refusal ?? first(makeCall(exchange, name, pick()))
      }
    },
  }
}

function makeCall(exchange: Exchange, upstream: string, target: Target): Call {
  const { method, path, query, headers, host, body } = exchange.outgoing
  // Over http(s) the runtime writes Host itself: the wanted one goes beside it (ROUTES.md §5, rewrite).
  if (host !== null && target.binding === null) headers['x-forwarded-host'] = host
  return {
    exchange,
    upstream,
    target,
    method,
    path: path + query,
    headers,
    body,
    signal: null,
  }
}

function bindTargets(options: UpstreamOptions, scope: BindScope): readonly Target[] {
  return options.targets.map((entry, index) => {
    const { url, weight = 1 } = typeof entry === 'string' ? { url: entry } : entry
    const base = url.endsWith('/') ? url.slice(0, -1) : url
    const binding = /^binding:\/\/([^/]+)(.*)$/.exec(base)
    if (binding === null) return { index, base, binding: null, weight }
    const [, name = '', path = ''] = binding
    if (scope.environment.service(name) !== 'present') {
      scope.missing(`${scope.pointer}/targets/${index}`, 'SERVICE_MISSING', name)
    }
    return { index, base: path, binding: name, weight }
  })
}

function bindPick(targets: readonly Target[]): () => Target {
  const only = targets[0] as Target
  if (targets.length === 1) return () => only
  const weights = targets.map((target) => target.weight)
  const credits: Credits = weights.map(() => 0)
  return () => targets[pickNext(weights, credits)] as Target
}
