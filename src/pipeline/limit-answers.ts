/** What limits say on the wire: fields of answers, and the problem of a request that they refuse (ROUTES.md §5). */
import type { Claim, RefusedClaim, Ticket } from '../buckets/claims.ts'
import type { BucketShape, Period } from '../buckets/shape.ts'
import { type Refusal, refuse } from '../errors/refusal.ts'
import { wholeSeconds, writeLimit, writePolicy } from '../http/rate-limit-fields.ts'
import type { Exchange } from './exchange.ts'
import type { LimitCode } from './policy.ts'

/** Adds the fields of an admitted request; they are read when the answer leaves, so that they are not stale then. */
export function addLimitFields(exchange: Exchange, tickets: readonly Ticket[]): void {
  const { answer } = exchange
  answer.push({ kind: 'set', name: 'RateLimit-Policy', value: (at) => policiesOf(tickets, at) })
  // An empty list is no field at all (RFC 9651 §3.1), but the service's own has to go.
  if (tickets.some(isKnown)) {
    answer.push({ kind: 'set', name: 'RateLimit', value: (at) => limitsOf(tickets, at) })
  } else answer.push({ kind: 'remove', name: 'RateLimit' })
}

/** Of a store that failed nothing is known. */
function isKnown({ by }: Ticket): boolean {
  return by !== 'unlimited'
}

/** The older fields, of the limit that has least left. */
export function addLegacyFields(exchange: Exchange, tickets: readonly Ticket[]): void {
  const now = exchange.ports.clock.now()
  let tightest: Ticket | null = null
  for (const ticket of tickets) {
    if (tightest === null || ticket.remaining(now) < tightest.remaining(now)) tightest = ticket
  }
  if (tightest === null) return
  const { claim } = tightest
  const ticket = tightest
  setLegacy(exchange, claim, {
    remaining: (at) => String(Math.max(0, Math.floor(ticket.remaining(at.ports.clock.now())))),
    reset: (at) => legacyReset(ticket.resetMs(at.ports.clock.now())),
  })
}

/** The fields of a refused request: all policies, and of the refusing ones that nothing is left. */
export function addRefusedFields(
  exchange: Exchange,
  claims: readonly Claim[],
  refused: readonly RefusedClaim[],
): void {
  const policies = claims.map((claim) => policyOf(claim, exchange)).join(', ')
  const limits = refused.map(({ claim, retryAfterMs }) =>
    writeLimit({ name: claim.label, remaining: 0, resetMs: retryAfterMs }),
  )
  exchange.answer.push(
    { kind: 'set', name: 'RateLimit-Policy', value: policies },
    { kind: 'set', name: 'RateLimit', value: limits.join(', ') },
  )
}

/** The older fields of a refusal. */
export function addLegacyRefused(exchange: Exchange, { claim, retryAfterMs }: RefusedClaim): void {
  setLegacy(exchange, claim, { remaining: '0', reset: legacyReset(retryAfterMs) })
}

type Value = string | ((exchange: Exchange) => string)

function setLegacy(
  { answer }: Exchange,
  { shape }: Claim,
  { remaining, reset }: { readonly remaining: Value; readonly reset: Value },
): void {
  answer.push(
    { kind: 'set', name: 'X-RateLimit-Limit', value: String(shape.limit) },
    { kind: 'set', name: 'X-RateLimit-Remaining', value: remaining },
    { kind: 'set', name: 'X-RateLimit-Reset', value: reset },
  )
}

/** Seconds from now, as the field's first users have it; 0 where some can be had. */
function legacyReset(resetMs: number | null): string {
  return resetMs === null ? '0' : String(wholeSeconds(resetMs))
}

function policiesOf(tickets: readonly Ticket[], exchange: Exchange): string {
  let text = ''
  for (const { claim } of tickets) text += `${text && ', '}${policyOf(claim, exchange)}`
  return text
}

function limitsOf(tickets: readonly Ticket[], { ports }: Exchange): string {
  const now = ports.clock.now()
  let text = ''
  for (const ticket of tickets) {
    if (!isKnown(ticket)) continue
    const item = {
      name: ticket.claim.label,
      remaining: ticket.remaining(now),
      resetMs: ticket.resetMs(now),
    }
    text += `${text && ', '}${writeLimit(item)}`
  }
  return text
}

function policyOf({ label, shape }: Claim, { startedAt }: Exchange): string {
  return writePolicy({
    name: label,
    quota: shape.limit,
    windowSeconds: windowSecondsOf(shape, startedAt),
  })
}

function windowSecondsOf(shape: BucketShape, now: number): number | null {
  switch (shape.kind) {
    case 'rate':
      return shape.windowMs / 1000
    case 'quota':
      return periodSeconds(shape.period, now)
    case 'slots':
      return null
  }
}

const DAY_SECONDS = 86_400

function periodSeconds(period: Period, now: number): number {
  switch (period.per) {
    case 'minute':
      return 60
    case 'hour':
      return 3_600
    case 'day':
      return DAY_SECONDS
    case 'week':
      return 7 * DAY_SECONDS
    case 'month': {
      const date = new Date(now)
      // Day 0 of the next month is the last of this one.
      const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0))
      return last.getUTCDate() * DAY_SECONDS
    }
    case 'anchored':
      return period.everyDays * DAY_SECONDS
  }
}

/** The one for which the client has to wait longest; a request that can never pass waits for ever. */
export function longestOf(refused: readonly RefusedClaim[]): RefusedClaim {
  const wait = ({ retryAfterMs }: RefusedClaim) => retryAfterMs ?? Number.POSITIVE_INFINITY
  return refused.reduce((longest, one) => (wait(one) > wait(longest) ? one : longest))
}

/** 429; `code` is that of the policy that refuses longest. */
export function refuseLimits(code: LimitCode, refused: readonly RefusedClaim[]): Refusal {
  const { retryAfterMs } = longestOf(refused)
  const violated = refused.map(({ claim }) => claim.label)
  const named = violated.map((label) => `"${label}"`).join(', ')
  const members = { 'violated-policies': violated }
  if (retryAfterMs === null) {
    const detail = `One request may not cost more than ${named} can ever hold.`
    return refuse(code, { members, detail })
  }
  const seconds = wholeSeconds(retryAfterMs)
  return refuse(code, {
    members,
    detail: `${named} admits no more now. Wait ${seconds} s.`,
    headers: { 'retry-after': String(seconds) },
  })
}

/** 503: a store failed, and the policy would rather refuse than guess. */
export function refuseFault(claims: readonly Claim[]): Refusal {
  const labels = [...new Set(claims.map(({ label }) => label))]
  return refuse('STORE_UNAVAILABLE', {
    members: { policies: labels },
    // A bucket's object that fell over is back within about a second.
    headers: { 'retry-after': '1' },
  })
}
