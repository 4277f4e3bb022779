/** The kind `http`: services behind URLs or service bindings. Binds one entry of `upstreams` once per table. */
import type { AdaptiveRules } from '../../calls/adaptive/rules.ts'
import type { Call, Dialect, Send, Target, TimeLimits } from '../../calls/call.ts'
import type { CanaryRules } from '../../calls/canary/part.ts'
import type { DeadlineOptions } from '../../calls/deadline/schema.ts'
import { bindSteps, type CallScope } from '../../calls/order.ts'
import { send as sendOnce } from '../../calls/send/send.ts'
import { type BoundAuth, bindAuth } from '../../calls/sign/sign.ts'
import {
  type BoundLink,
  bindLink,
  bindPartLink,
  type PartLink,
} from '../../calls/state/bind-link.ts'
import { makeTarget } from '../../calls/target.ts'
import type { Handler } from '../../config/plan.ts'
import { emptyFields, type Fields } from '../../http/headers.ts'
import type { Answer, AnswerEdit, Exchange, Outgoing } from '../../pipeline/exchange.ts'
import type { BindScope } from '../../pipeline/policy.ts'
import { bindRespond } from '../respond/respond.ts'
import { bindUpstreamHeaders } from './headers.ts'
import type { UpstreamOptions } from './schema.ts'

/** An upstream that is ready to be called. */
export interface BoundUpstream {
  readonly name: string
  /** As the table has it: what its kind speaks. */
  readonly options: UpstreamOptions
  /** Milliseconds until headers unless the route says otherwise; null for no limit. */
  readonly timeoutMs: number | null
  /** What the fleet knows of it; null where nothing asks for that. */
  readonly link: BoundLink | null
  /** To the object that judges it as the new one of splits; null where none has it as that. */
  readonly canaryLink: PartLink | null
  /** The end of a route's pipeline: sends `outgoing` on. */
  handler(limits: TimeLimits): Handler
  /** Sends a request through the whole call pipeline: what a chain, a mirror or an aggregate asks for. */
  send(exchange: Exchange, start: CallStart): Answer | Promise<Answer>
}

/** What one call begins with. */
export interface CallStart {
  /** Its fields are this upstream's to write. */
  readonly outgoing: Outgoing
  readonly limits: TimeLimits
  /** Where the edits of the answer go. */
  readonly edits: AnswerEdit[]
  /** A mirrored copy: nobody waits for its answer, and it is neither mirrored again nor answered by a fallback. */
  readonly isCopy: boolean
  /** Calls it off: of several calls of a request some may be of no use any more. */
  readonly signal?: AbortSignal | null
  /** Of a bridge: how its services tell what HTTP does not. */
  readonly dialect?: Dialect
}

/** What an upstream may ask of the table while it is bound. */
export interface UpstreamScope extends BindScope {
  /**
   * Another upstream of the table, asked for on the first request that needs it: two may name each other. Null where
   * this Worker lacks what it needs.
   */
  upstream(name: string): BoundUpstream | null
  /** `deadline` of the table. */
  readonly deadline?: DeadlineOptions | undefined
  /** What policies of the table ask of what this upstream can take. */
  readonly adaptive?: readonly AdaptiveRules[] | undefined
  /** The splits that have it as the new one. */
  readonly canary?: CanaryRules | undefined
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
  const last: Send = auth === null ? sendOnce : auth.around(sendOnce)
  const callScope: CallScope = {
    ...scope,
    name,
    options,
    targets,
    bindRespond,
    ...(options.discover === undefined ? {} : { roster: { targets } }),
  }
  const first = bindSteps(callScope, last)
  const firstTarget = targets[0] ?? nowhere
  const { timeoutMs: ownMs, fallback, mirror } = options
  const mayBeSentOn = fallback !== undefined || mirror !== undefined

  function send(exchange: Exchange, start: CallStart): Answer | Promise<Answer> {
    const { outgoing, limits, edits, isCopy, dialect, signal = null } = start
    exchange.event.upstream = name
    const origin =
      mayBeSentOn && !isCopy
        ? {
            outgoing: { ...outgoing, headers: copy(outgoing.headers) },
            limits,
            ...(dialect === undefined ? {} : { dialect }),
          }
        : null
    guard?.(outgoing.headers, exchange)
    const refusal = writeHeaders(outgoing.headers, exchange)
    if (refusal !== null) return refusal
    // Over http(s) the runtime writes Host itself: the wanted one goes beside it (ROUTES.md §5, rewrite).
    const { host, headers } = outgoing
    if (host !== null && firstTarget.binding === null) headers['x-forwarded-host'] = host
    const call: Call = {
      exchange,
      upstream: name,
      target: firstTarget,
      tried: null,
      timeoutMs: limits.routeMs ?? ownMs ?? limits.defaultMs,
      endsAt: null,
      method: outgoing.method,
      path: outgoing.path + outgoing.query,
      headers,
      edits,
      body: outgoing.body,
      signal,
    }
    if (dialect !== undefined) call.dialect = dialect
    return first(origin === null ? call : { ...call, origin })
  }
  return {
    name,
    options,
    timeoutMs: ownMs ?? null,
    link: bindLink(callScope),
    canaryLink: bindPartLink(callScope, 'canary'),
    send,
    handler(limits) {
      return function callUpstream(exchange) {
        const { outgoing, answer } = exchange
        return send(exchange, { outgoing, limits, edits: answer, isCopy: false })
      }
    },
  }
}

function copy(fields: Fields): Fields {
  return Object.assign(emptyFields(), fields)
}

/** Until discovery names a target: no call goes there. */
const nowhere = makeTarget('http://nowhere.invalid', {
  index: 0,
  weight: 1,
  priority: 0,
  zone: null,
})

function bindTargets(options: UpstreamOptions, scope: BindScope): readonly Target[] {
  return (options.targets ?? []).map((entry, index) => {
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

export { makeTarget } from '../../calls/target.ts'
