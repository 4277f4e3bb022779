/** The kind `http`: services behind URLs or service bindings. Binds one entry of `upstreams` once per table. */
import type { Call, Send, Target } from '../../calls/call.ts'
import type { DeadlineOptions } from '../../calls/deadline/schema.ts'
import { bindSteps } from '../../calls/order.ts'
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

/** What an upstream may ask of the table while it is bound. */
export interface UpstreamScope extends BindScope {
  /** Another upstream of the table, asked for on the first request that needs it: two may name each other. */
  upstream(name: string): BoundUpstream
  /** `deadline` of the table. */
  readonly deadline?: DeadlineOptions | undefined
}

export function bindHttpUpstream(
  name: string,
  options: UpstreamOptions,
  scope: UpstreamScope,
): BoundUpstream {
  const targets = bindTargets(options, scope)
  const writeHeaders = bindUpstreamHeaders(options.headers ?? {}, scope)
  const auth: BoundAuth | null =
    options.auth === undefined
      ? null
      : bindAuth(options.auth, { ...scope, pointer: `${scope.pointer}/auth` })
  const guard = auth?.guard ?? null
  // Without `auth` there is no step: what is not configured costs nothing.
  const last: Send = auth === null ? send : auth.around(send)
  const first = bindSteps({ ...scope, name, options, targets }, last)
  const firstTarget = targets[0] as Target
  return {
    name,
    timeoutMs: options.timeoutMs ?? null,
    handler(timeoutMs) {
      return function callUpstream(exchange) {
        exchange.event.upstream = name
        guard?.(exchange)
        const refusal = writeHeaders(exchange.outgoing.headers, exchange)
        return refusal ?? first(makeCall(exchange, name, firstTarget, timeoutMs))
      }
    },
  }
}

function makeCall(
  exchange: Exchange,
  upstream: string,
  target: Target,
  timeoutMs: number | null,
): Call {
  const { method, path, query, headers, host, body } = exchange.outgoing
  // Over http(s) the runtime writes Host itself: the wanted one goes beside it (ROUTES.md §5, rewrite).
  if (host !== null && target.binding === null) headers['x-forwarded-host'] = host
  return {
    exchange,
    upstream,
    target,
    tried: null,
    timeoutMs,
    endsAt: null,
    method,
    path: path + query,
    headers,
    edits: exchange.answer,
    body,
    signal: null,
  }
}

function bindTargets(options: UpstreamOptions, scope: BindScope): readonly Target[] {
  return options.targets.map((entry, index) => {
    const {
      url,
      weight = 1,
      priority = 0,
      zone = null,
    } = typeof entry === 'string' ? { url: entry } : entry
    const at = `${scope.pointer}/targets/${index}`
    const target = makeTarget(url, { index, weight, priority, zone })
    const { binding } = target
    if (binding !== null && scope.environment.service(binding) !== 'present') {
      scope.missing(at, 'SERVICE_MISSING', binding)
    }
    return target
  })
}

/** A target from its URL, which the schema has judged. */
export function makeTarget(
  url: string,
  rest: Pick<Target, 'index' | 'weight' | 'priority' | 'zone'>,
): Target {
  const base = url.endsWith('/') ? url.slice(0, -1) : url
  const binding = /^binding:\/\/([^/]+)(.*)$/.exec(base)
  if (binding === null) return { ...rest, url, base, binding: null }
  const [, name = '', path = ''] = binding
  return { ...rest, url, base: path, binding: name }
}
