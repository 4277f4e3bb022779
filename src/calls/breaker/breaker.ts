/**
 * The step of the breaker: refuses calls to an upstream that the fleet found failing, and sends the probes that
 * the object permits. While it is closed a call costs two comparisons here, and no hop.
 */
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import type { TryResult } from '../classify.ts'
import type { BindStep } from '../order.ts'
import { type BoundLink, bindLink } from '../state/bind-link.ts'
import { readEnding, timedOut } from '../state/ending.ts'
import type { UpstreamLink } from '../state/link.ts'
import type { BreakerRules, ProbeOutcome } from './core.ts'
import { concludeProbe, type Decision, decide, type LocalBreaker } from './local.ts'

// A table in which calls have no limit of time: what takes longer is another isolate's turn.
const UNLIMITED_PROBE_MS = 60_000

const BUSY_MS = 1_000 // as many requests ask for a permit already as there are probes

interface Bound {
  readonly link: BoundLink
  readonly rules: BreakerRules
  readonly isShadow: boolean
  readonly isDenying: boolean
  readonly storeTimeoutMs: number
  readonly next: Send
}

export const bindBreaker: BindStep = (scope) => {
  const { breaker } = scope.options
  const link = bindLink(scope)
  const rules = link?.spec.breaker
  if (breaker === undefined || link === null || rules === undefined) return null
  const options = {
    link,
    rules,
    isShadow: breaker.mode === 'shadow',
    isDenying: breaker.onStoreFault === 'deny',
    storeTimeoutMs: breaker.storeTimeoutMs ?? 1_000,
  }
  return (next) => {
    const bound: Bound = { ...options, next }
    return function breaker(call) {
      const link = bound.link.of(call)
      return isClosed(link.locals.breaker) ? next(call) : judge(call, link, bound)
    }
  }
}

function isClosed({ fleet, own }: LocalBreaker): boolean {
  return (
    fleet !== null && fleet.phase === 'closed' && fleet.forced === null && own.phase === 'closed'
  )
}

async function judge(call: Call, link: UpstreamLink, bound: Bound): Promise<Answer> {
  const decision = await decided(call, link, bound)
  const { event, ports } = call.exchange
  switch (decision.kind) {
    case 'passed':
      return bound.next(call)
    case 'probe':
      event.breaker = 'probe'
      return probe(call, link, bound, decision.token)
    case 'ask':
    case 'refused': {
      // An operator may have closed it meanwhile.
      link.refresh(ports, bound.link.spec)
      if (bound.isShadow) {
        event.breaker = 'would-refuse'
        return bound.next(call)
      }
      event.breaker = 'open'
      return decision.kind === 'ask' ? unknown() : isOpen(decision.retryAfterMs)
    }
  }
}

/** `ask` where it stays unknown. */
async function decided(call: Call, link: UpstreamLink, bound: Bound): Promise<Decision> {
  const local = link.locals.breaker
  const first = decideNow(call, local, bound)
  if (first.kind !== 'ask') return first
  const { ports } = call.exchange
  const now = ports.clock.now()
  // It did not answer a moment ago: nobody waits for it again so soon.
  if (local.faultUntil !== null && now < local.faultUntil) return first
  // By time: a request that ended while it asked never takes itself out.
  local.asking = local.asking.filter((until) => until > now)
  if (local.fleet !== null && local.asking.length >= bound.rules.halfOpenProbes) {
    return { kind: 'refused', retryAfterMs: BUSY_MS }
  }
  const until = now + bound.storeTimeoutMs
  local.asking.push(until)
  local.wants += 1
  local.probeMs = call.timeoutMs ?? UNLIMITED_PROBE_MS
  const asked = link.exchange(ports, bound.link.spec, bound.storeTimeoutMs)
  if (bound.isShadow) {
    // Nobody waits for what refuses nobody: a later call takes the permit.
    ports.defer(asked)
    return { kind: 'refused', retryAfterMs: BUSY_MS }
  }
  await asked
  local.asking.splice(local.asking.indexOf(until), 1)
  return decideNow(call, local, bound)
}

function decideNow({ exchange }: Call, local: LocalBreaker, bound: Bound): Decision {
  const { clock, randomness } = exchange.ports
  const now = clock.now()
  const { isDenying } = bound
  const nonce = () => randomness.hex(4)
  return decide(local, bound.rules, { now, fraction: randomness.fraction(), nonce, isDenying })
}

async function probe(call: Call, link: UpstreamLink, bound: Bound, token: string): Promise<Answer> {
  const { ports, request } = call.exchange
  const { rules } = bound
  const local = link.locals.breaker
  const startedAt = ports.clock.now()
  let isOver = false

  /** True where the object has to hear of it. */
  function conclude(outcome: ProbeOutcome['outcome'], retryAfterSeconds: number | null): boolean {
    if (isOver) return false
    isOver = true
    request.signal.removeEventListener('abort', abandon)
    const moment = { now: ports.clock.now(), fraction: ports.randomness.fraction() }
    return concludeProbe(local, { token, outcome, retryAfterSeconds }, rules, moment)
  }
  function concludeBy(result: TryResult | null): void {
    const tookMs = ports.clock.now() - startedAt
    const isSlow =
      rules.slowPercent !== null && bound.link.slowMs !== null && tookMs > bound.link.slowMs
    const asked = result?.retryAfterMs ?? null
    const hears = conclude(
      result === null
        ? 'abandoned'
        : isSlow || bound.link.isFailure(result)
          ? 'failed'
          : 'succeeded',
      asked === null ? null : Math.ceil(asked / 1000),
    )
    if (hears) link.tell(ports, bound.link.spec)
  }
  // The client left: its request ends here, and the permit goes back with the next message of another.
  const abandon = () => void conclude('abandoned', null)

  request.signal.addEventListener('abort', abandon)
  call.onExpiry?.push((by) => concludeBy(by === 'table' ? timedOut : null))
  try {
    const answer = await bound.next(call)
    concludeBy(readEnding(call, answer))
    return answer
  } catch (error) {
    concludeBy(null)
    throw error
  }
}

function isOpen(retryAfterMs: number): Answer {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return refuse('BREAKER_OPEN', { headers: { 'Retry-After': String(seconds) }, unsent: true })
}

function unknown(): Answer {
  return refuse('STORE_UNAVAILABLE', {
    detail: 'It is not known whether the service may be called.',
    headers: { 'Retry-After': '1' },
    unsent: true,
  })
}
