/**
 * What becomes of the tokens that a request took (ROUTES.md §5): they return where the gateway itself failed it
 * before anything was sent, else they are spent, however the request ends.
 */
import type { Admission, Ticket } from '../buckets/claims.ts'
import { type Counts, tellWhenDue } from '../buckets/tally/counts.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Drawn, Take } from './limits.ts'

export interface LimitUses {
  /** Their claims are those of the tickets, in order. */
  readonly drawn: readonly Drawn[]
  readonly tickets: readonly Ticket[]
  readonly shadows: Watching | null
  readonly counts: Counts
}

/** Spends everything: the client left. */
export function leaveAll({ tickets, shadows }: LimitUses): void {
  for (const ticket of tickets) ticket.leave()
  shadows?.end('leave')
}

/** Spends everything: a bug ended the request. A ticket that was ended before stays as it is. */
export function settleAll({ tickets, shadows }: LimitUses): void {
  for (const ticket of tickets) ticket.settle()
  shadows?.end('settle')
}

/** The answer is there. */
export function spend(
  exchange: Exchange,
  answer: Answer,
  uses: LimitUses,
): Answer | Promise<Answer> {
  // Not before the answer is there (docs/decisions/0001).
  tellWhenDue(uses.counts, exchange.ports, exchange.startedAt)
  const concluded = conclude(exchange, answer, uses)
  const { shadows } = uses
  if (shadows === null) return concluded
  shadows.end(isUnsent(answer) ? 'refund' : 'settle')
  // Its outcome has to be there before the event is written.
  const { pending } = shadows
  return pending === null ? concluded : pending.then(() => concluded)
}

function isUnsent(answer: Answer): boolean {
  return 'kind' in answer && answer.unsent === true
}

function conclude(
  exchange: Exchange,
  answer: Answer,
  { drawn, tickets }: LimitUses,
): Answer | Promise<Answer> {
  if (isUnsent(answer)) {
    for (const ticket of tickets) ticket.refund()
    return answer
  }
  if (drawn.some(({ step }) => step.policy.conclude !== null)) {
    return concludeLate(exchange, answer, drawn, tickets)
  }
  for (const ticket of tickets) ticket.settle()
  return answer
}

/** Each limit with late costs sees the answer that the one before it left. */
async function concludeLate(
  exchange: Exchange,
  first: Answer,
  drawn: readonly Drawn[],
  tickets: readonly Ticket[],
): Promise<Answer> {
  let answer = first
  let at = 0
  try {
    for (const { step, claims } of drawn) {
      const { policy } = step
      const own = tickets.slice(at, at + claims.length)
      at += claims.length
      const refusedHolder = policy.holds === true && 'kind' in answer
      if (policy.conclude !== null && !refusedHolder) {
        answer = await policy.conclude({ exchange, answer, tickets: own })
      }
      if (policy.holds !== true || refusedHolder) for (const ticket of own) ticket.settle()
    }
  } catch (error) {
    for (const ticket of tickets) ticket.settle()
    throw error
  }
  return answer
}

/** Limits in shadow mode: asked beside the request, they refuse nobody and add no field. */
export class Watching {
  /** Until all outcomes are noted; null where they are. */
  pending: Promise<void> | null = null
  readonly #tickets: Ticket[] = []
  #ended: 'settle' | 'refund' | 'leave' | null = null

  take(tickets: readonly Ticket[]): void {
    this.#tickets.push(...tickets)
    if (this.#ended !== null) this.end(this.#ended)
  }

  /** Their costs count as they were reserved: what is only watched looks at no body. */
  end(how: 'settle' | 'refund' | 'leave'): void {
    this.#ended = how
    for (const ticket of this.#tickets.splice(0)) ticket[how]()
  }
}

/** Each apart: one that would refuse gives no other back what it counted. */
export function watchLimits(watched: readonly Drawn[], exchange: Exchange, take: Take): Watching {
  const watching = new Watching()
  const { policies } = exchange.event
  function note({ step }: Drawn, admission: Admission): void {
    if (admission.kind === 'admitted') watching.take(admission.tickets)
    else policies[step.name] = admission.kind === 'refused' ? 'would-refuse' : 'failed'
  }
  const late: Promise<void>[] = []
  for (const drawn of watched) {
    const failed = () => {
      policies[drawn.step.name] = 'failed'
    }
    try {
      const admission = take(drawn.claims, exchange.ports)
      if (admission instanceof Promise) late.push(admission.then((a) => note(drawn, a), failed))
      else note(drawn, admission)
    } catch {
      failed()
    }
  }
  if (late.length > 0) watching.pending = Promise.all(late).then(() => {})
  return watching
}
