/**
 * The step of `maxConcurrent`: so many calls of an upstream at the same time, over all isolates. A call takes its
 * slot before it is sent, or is refused at once, and holds it until its answer has ended. Retries and hedges of a
 * call run in its slot.
 */
import type { Admission, Claim, Ticket } from '../../buckets/claims.ts'
import { takeAll } from '../../buckets/take.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { watchEnd } from '../../http/answer-end.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { BindStep } from '../order.ts'
import { objectName } from '../state/bind-link.ts'
import { slotClaim } from './core.ts'

export const bindMaxConcurrent: BindStep = (scope) => {
  const { maxConcurrent: options } = scope.options
  if (options === undefined) return null
  const claim = slotClaim(objectName(scope), options)
  const claims: readonly Claim[] = [claim]
  return (next) =>
    function maxConcurrent(call) {
      const admission = takeAll(claims, call.exchange.ports)
      return admission instanceof Promise
        ? admission.then((late) => enterLate(call, late, next))
        : enter(call, admission, next)
    }
}

/** The request may be over by now: its client left, or its time ran out while the slot was asked for. */
function enterLate(call: Call, admission: Admission, next: Send): Promise<Answer> {
  const { ports, request } = call.exchange
  const isLate = call.endsAt !== null && ports.clock.now() >= call.endsAt
  if (admission.kind !== 'admitted' || !(isLate || request.signal.aborted)) {
    return enter(call, admission, next)
  }
  for (const ticket of admission.tickets) ticket.leave()
  return Promise.resolve(refuse('UPSTREAM_TIMEOUT', { unsent: true }))
}

function enter(call: Call, admission: Admission, next: Send): Promise<Answer> {
  switch (admission.kind) {
    case 'refused':
      return Promise.resolve(full)
    case 'fault':
      return Promise.resolve(unknown)
    case 'admitted':
      return hold(call, admission.tickets[0] as Ticket, next)
  }
}

async function hold(call: Call, ticket: Ticket, next: Send): Promise<Answer> {
  const { exchange } = call
  const { event, ports, request } = exchange
  if (ticket.by !== 'bucket') event.policies[ticket.claim.label] = `passed:${ticket.by}`
  // What gave its slot back may not go on at the service for as long as the runtime takes to end the request.
  const controller = new AbortController()
  const { signal } = controller
  call.signal = call.signal === null ? signal : AbortSignal.any([call.signal, signal])
  const leave = () => {
    controller.abort()
    ticket.leave()
  }
  const left = exchange.onLeave
  exchange.onLeave = () => {
    left?.()
    leave()
  }
  // Nothing below the deadline comes back then.
  call.onExpiry?.push(leave)
  const ended = () => ticket.settle()
  try {
    const answer = await next(call)
    if (signal.aborted) return answer
    if (answer instanceof Response) {
      return watchEnd(answer, { ports, left: request.signal, ended })
    }
    ended()
    return answer
  } catch (error) {
    ended()
    throw error
  }
}

// Nobody knows when a call ends: soon, as most do.
const soon = { 'Retry-After': '1' }

const full: Refusal = refuse('UPSTREAM_FULL', { headers: soon, unsent: true })

const unknown: Refusal = refuse('STORE_UNAVAILABLE', {
  detail: 'It is not known whether the service may be called.',
  headers: soon,
  unsent: true,
})
