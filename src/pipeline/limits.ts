/**
 * Asks the limits of a request together (ROUTES.md §5): all of their claims are admitted, or none is taken. Outcomes
 * and what becomes of tokens are written here, once for all limits; limit-answers.ts says it on the wire.
 */
import type { Admission, Claim, Ticket } from '../buckets/claims.ts'
import { takeAll } from '../buckets/take.ts'
import { countsOf, tellWhenDue } from '../buckets/tally/counts.ts'
import type { Handler } from '../config/plan.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { Step } from './compose.ts'
import { type Asked, bindAsks } from './condition.ts'
import type { Answer, Exchange } from './exchange.ts'
import {
  addLegacyFields,
  addLegacyRefused,
  addLimitFields,
  addRefusedFields,
  longestOf,
  refuseFault,
  refuseLimits,
} from './limit-answers.ts'
import { countKeys } from './limit-counts.ts'
import { type LimitUses, leaveAll, settleAll, spend, watchLimits } from './limit-uses.ts'
import type { Limit, Next } from './policy.ts'

export interface LimitStep extends Step {
  readonly policy: Limit
}

/** What a request draws on, as far as its limits were asked. */
interface Draft {
  readonly enforced: Drawn[]
  readonly watched: Drawn[]
}

/** One limit of a request. */
export interface Drawn {
  readonly step: LimitStep
  readonly claims: readonly Claim[]
}

export type Take = typeof takeAll

interface Onward {
  readonly next: Next
  readonly take: Take
}

interface BoundStep extends LimitStep {
  readonly asks: ReturnType<typeof bindAsks> | null
}

/** `take` is another one only in tests. */
export function bindLimits(given: readonly LimitStep[], next: Next, take: Take = takeAll): Handler {
  const steps: readonly BoundStep[] = given.map((step) => ({
    ...step,
    asks: step.when === null ? null : bindAsks(step.when),
  }))
  const onward: Onward = { next, take }
  return function limits(exchange) {
    const drafted = draw(steps, exchange, { enforced: [], watched: [] }, 0)
    return drafted instanceof Promise
      ? drafted.then((late) => enter(exchange, late, onward))
      : enter(exchange, drafted, onward)
  }
}

/** Asks each limit what the request draws on; nothing is taken yet. */
function draw(
  steps: readonly BoundStep[],
  exchange: Exchange,
  draft: Draft,
  from: number,
): Draft | Refusal | Promise<Draft | Refusal> {
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at] as BoundStep
    const asked = step.asks === null ? true : step.asks(exchange)
    if (asked instanceof Promise) {
      return asked.then(
        (late) => note(step, exchange, draft, late) ?? draw(steps, exchange, draft, at + 1),
      )
    }
    const refusal = note(step, exchange, draft, asked)
    if (refusal !== null) return refusal
  }
  return draft
}

function note(step: LimitStep, exchange: Exchange, draft: Draft, asked: Asked): Refusal | null {
  if (asked === false) return null
  if (asked !== true) return asked
  const { policies } = exchange.event
  if (step.mode === 'shadow') {
    noteWatched(step, exchange, draft)
    return null
  }
  const claims = step.policy.claims(exchange)
  if ('kind' in claims) {
    policies[step.name] = claims.reason === undefined ? 'refused' : `refused:${claims.reason}`
    return claims
  }
  policies[step.name] = 'passed'
  if (claims.length > 0) draft.enforced.push({ step, claims })
  return null
}

/** What is only watched harms nobody, not even where it fails. */
function noteWatched(step: LimitStep, exchange: Exchange, draft: Draft): void {
  const { policies } = exchange.event
  try {
    const claims = step.policy.claims(exchange)
    policies[step.name] = 'kind' in claims ? 'would-refuse' : 'would-pass'
    if (!('kind' in claims) && claims.length > 0) draft.watched.push({ step, claims })
  } catch {
    policies[step.name] = 'failed'
  }
}

const nothing: Admission = { kind: 'admitted', tickets: [] }

function enter(
  exchange: Exchange,
  draft: Draft | Refusal,
  onward: Onward,
): Answer | Promise<Answer> {
  if ('kind' in draft) return draft
  const claims = claimsOf(draft.enforced)
  const admission = claims.length === 0 ? nothing : onward.take(claims, exchange.ports)
  return admission instanceof Promise
    ? admission.then((late) => judge(exchange, draft, late, onward))
    : judge(exchange, draft, admission, onward)
}

function claimsOf(drawn: readonly Drawn[]): readonly Claim[] {
  const [only] = drawn
  return only !== undefined && drawn.length === 1 ? only.claims : drawn.flatMap((d) => d.claims)
}

function judge(
  exchange: Exchange,
  draft: Draft,
  admission: Admission,
  onward: Onward,
): Answer | Promise<Answer> {
  const { ports, startedAt } = exchange
  const counts = countsOf(ports, startedAt)
  countKeys(counts, draft.enforced, admission.kind === 'refused' ? admission.refused : null)
  countKeys(counts, draft.watched, null)
  switch (admission.kind) {
    case 'refused':
      tellWhenDue(counts, ports, startedAt)
      return refused(exchange, draft, admission)
    case 'fault':
      for (const { name } of policiesOf(draft, admission.claims)) {
        exchange.event.policies[name] = 'refused:store-unavailable'
      }
      return refuseFault(admission.claims)
    case 'admitted':
      return go(exchange, draft, { tickets: admission.tickets, counts }, onward)
  }
}

function refused(
  exchange: Exchange,
  draft: Draft,
  { refused: list }: Extract<Admission, { kind: 'refused' }>,
): Refusal {
  const { policies } = exchange.event
  for (const { claim, overloaded } of list) {
    for (const { name } of policiesOf(draft, [claim])) {
      policies[name] = overloaded ? 'refused:store-overloaded' : 'refused'
    }
  }
  const longest = longestOf(list)
  const [owner] = policiesOf(draft, [longest.claim])
  if (owner === undefined) throw new Error(`no limit of this request asked ${longest.claim.label}`)
  addRefusedFields(exchange, claimsOf(draft.enforced), list)
  if (draft.enforced.some(({ step }) => step.policy.legacyHeaders)) {
    addLegacyRefused(exchange, longest)
  }
  return refuseLimits(owner.policy.code, list)
}

function policiesOf({ enforced }: Draft, claims: readonly Claim[]): readonly LimitStep[] {
  return enforced
    .filter((drawn) => drawn.claims.some((claim) => claims.includes(claim)))
    .map(({ step }) => step)
}

/** The request goes on; what it took is held until it is known what becomes of it. */
function go(
  exchange: Exchange,
  { enforced, watched }: Draft,
  { tickets, counts }: Pick<LimitUses, 'tickets' | 'counts'>,
  { next, take }: Onward,
): Answer | Promise<Answer> {
  if (tickets.length > 0) tell(exchange, enforced, tickets)
  const shadows = watched.length === 0 ? null : watchLimits(watched, exchange, take)
  if (tickets.length === 0 && shadows === null) return next(exchange)
  const uses: LimitUses = { drawn: enforced, tickets, shadows, counts }
  const left = exchange.onLeave
  exchange.onLeave = () => {
    left?.()
    leaveAll(uses)
  }
  try {
    const answer = next(exchange)
    if (!(answer instanceof Promise)) return spend(exchange, answer, uses)
    return answer.then(
      (late) => spend(exchange, late, uses),
      (error: unknown) => {
        settleAll(uses)
        throw error
      },
    )
  } catch (error) {
    settleAll(uses)
    throw error
  }
}

function tell(exchange: Exchange, drawn: readonly Drawn[], tickets: readonly Ticket[]): void {
  let at = 0
  let legacy = false
  for (const { step, claims } of drawn) {
    for (const end = at + claims.length; at < end; at += 1) {
      const { by } = tickets[at] as Ticket
      if (by !== 'bucket') exchange.event.policies[step.name] = `passed:${by}`
    }
    legacy ||= step.policy.legacyHeaders
  }
  addLimitFields(exchange, tickets)
  if (legacy) addLegacyFields(exchange, tickets)
}
