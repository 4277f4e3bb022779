/**
 * One request of a call: takes a slot, goes through the whole call pipeline of its upstream, gives the slot back when
 * the headers are there, and reads the body. Its time begins when it has its slot.
 */
import type { Answer, AnswerEdit, Exchange, Outgoing } from '../../../pipeline/exchange.ts'
import type { BoundUpstream, CallStart } from '../../http/upstream.ts'
import type { Single, Values } from '../part.ts'
import type { PlannedCall } from '../plan/plan.ts'
import type { CallRun } from '../run/run.ts'
import type { Release } from '../run/slots.ts'
import type { AggregateScope } from '../scope.ts'
import type { TemplateScope } from './call-template.ts'
import { failed, failedBy } from './failure.ts'
import { readPart } from './read-part.ts'
import { bindRequest, type CallRequest } from './request.ts'
import { limitsOf, type ShotLimits } from './shot-limits-core.ts'

/** What a call came to so far: for the event. */
export interface CallNote {
  tries: number
  cache: string | null
}

/** Sends, and answers out of what is kept where the call has a cache. */
export type SendCall = (
  exchange: Exchange,
  request: CallRequest,
  send: (exchange: Exchange, outgoing: Outgoing) => Answer | Promise<Answer>,
) => Promise<Answer>

export interface ShotMoment {
  readonly values: Values
  readonly items: readonly unknown[]
  readonly run: CallRun
  readonly note: CallNote
}

export type Shoot = (moment: ShotMoment) => Promise<Single>

export interface ShotParts {
  readonly scope: AggregateScope
  readonly templates: TemplateScope
  /** Null where nothing of the call is kept. */
  readonly cached: SendCall | null
}

export function bindShot(planned: PlannedCall, { scope, templates, cached }: ShotParts): Shoot {
  const { spec } = planned
  const { method = 'GET', batch } = spec
  const upstream: BoundUpstream = scope.find(spec.upstream)
  const makeRequest = bindRequest(spec, templates)
  const isShareable = method === 'GET' || method === 'HEAD'
  const listed = new Set((spec.forwardHeaders ?? []).map((name) => name.toLowerCase()))
  const reading = {
    from: spec.from,
    maxBodyBytes: scope.maxBodyBytes,
    isUsed: planned.isUsed || batch !== undefined,
    showsFields: planned.showsFields,
  }
  const times = {
    callMs: spec.timeoutMs ?? null,
    upstreamMs: upstream.timeoutMs,
    defaultMs: scope.defaultMs,
  }
  // Equal requests of calls whose answers are kept by other rules are not the same.
  const rules = cached === null ? '' : JSON.stringify(spec.cache)

  function send(request: CallRequest, moment: ShotMoment): Promise<Single> {
    const slot = moment.run.slots.take(planned.rank)
    if (!(slot instanceof Promise)) return sendNow(slot, request, moment)
    return slot.then((release) => sendNow(release, request, moment))
  }

  async function sendNow(
    release: Release,
    request: CallRequest,
    { run, note }: ShotMoment,
  ): Promise<Single> {
    const { callOff, shots } = run
    const limits = limitsOf(times, run.endsAt, shots.ports.clock.now())
    if (callOff.isOff || limits === null) {
      release()
      return callOff.isOff ? calledOff : tooLate
    }
    // Only who tells the service the key may say that it knows a request again.
    const isRepeatSafe = run.exchange.isRepeatSafe && listed.has('idempotency-key')
    const own = shots.begin(request.outgoing, isRepeatSafe)
    const edits: AnswerEdit[] = []
    // Of a batch the runtime ends nothing before all of it is over.
    const signal = scope.needsSignal || run.exchange.within !== null ? callOff.signal : null
    const start = { limits: limits.limits, edits, isCopy: false, signal }
    try {
      const answer = await ask(own, request, start, limits)
      release()
      if (!(answer instanceof Response)) return failedBy(answer)
      const { bodyEndsAt: endsAt } = limits
      return await readPart(answer, { exchange: own, edits, endsAt, waits: shots.waits }, reading)
    } finally {
      release()
      shots.end(own)
      note.tries += own.event.tries
      note.cache ??= own.event.cache
    }
  }

  function ask(
    own: Exchange,
    request: CallRequest,
    start: Omit<CallStart, 'outgoing'>,
    limits: ShotLimits,
  ): Answer | Promise<Answer> {
    if (cached === null) return upstream.send(own, { ...start, outgoing: request.outgoing })
    const answer = cached(own, request, (exchange, outgoing) =>
      upstream.send(exchange, { ...start, outgoing }),
    )
    // Stores and others who fetch the same are waited for outside of the pipeline, and its deadline.
    return answerInTime(answer, own, limits)
  }

  return function shoot(moment) {
    const { run, values, items } = moment
    const { exchange } = run
    const request = makeRequest({ exchange, values, items })
    if ('code' in request) return Promise.resolve(failedBy(request))
    if (!isShareable) return send(request, moment)
    return run.shots.once(`${rules}${request.key}`, () => send(request, moment))
  }
}

const calledOff = failed('CALL_FAILED', { reason: 'called-off' })

const tooLate = failed('UPSTREAM_TIMEOUT', {
  detail: 'The time of the whole answer was over before the service could be called.',
})

const lateAnswer = {
  kind: 'refused',
  code: 'UPSTREAM_TIMEOUT',
  detail: 'The call did not answer in time.',
  failure: 'timeout',
} as const

function answerInTime(
  answer: Promise<Answer>,
  { ports }: Exchange,
  { headersMs }: ShotLimits,
): Promise<Answer> {
  if (headersMs === null) return answer
  return new Promise((resolve, reject) => {
    const alarm = ports.timers.after(headersMs)
    let isLate = false
    alarm.done.then(() => {
      isLate = true
      resolve(lateAnswer)
    })
    answer.then((found) => {
      alarm.cancel()
      if (isLate && found instanceof Response) found.body?.cancel().catch(() => {})
      resolve(found)
    }, reject)
  })
}
