/**
 * Tries a call again where that may help and harms nobody: what failed is named by `on`, the request may be
 * repeated, its body can be, there is time, and the fleet's budget has room. The target is chosen anew for each try.
 */
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import { readTry } from '../classify.ts'
import { discard } from '../deadline/deadline.ts'
import type { BindStep } from '../order.ts'
import { type Budget, bindBudget } from './budget.ts'
import { decide, mayRepeat, type RetryRules } from './core.ts'
import { DEFAULT_BODY_LIMIT_BYTES, makeReplayable } from './replay.ts'
import { retryRules } from './rules.ts'
import { adopt, beginTry } from './try.ts'

interface Bound {
  readonly rules: RetryRules
  readonly budget: Budget
  readonly bodyLimitBytes: number
  readonly nonIdempotent: boolean
  /** With hedging the request is counted there. */
  readonly countsRequests: boolean
  readonly next: Send
}

export const bindRetry: BindStep = (scope) => {
  const { retry, hedge } = scope.options
  const rules = retryRules(retry)
  if (rules === null) return null
  const options = {
    rules,
    budget: bindBudget(scope),
    bodyLimitBytes: retry?.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    nonIdempotent: retry?.nonIdempotent ?? false,
    countsRequests: hedge === undefined,
  }
  return (next) => {
    const bound: Bound = { ...options, next }
    return function retry(call) {
      return run(call, bound)
    }
  }
}

async function run(call: Call, bound: Bound): Promise<Answer> {
  const { ports, request } = call.exchange
  const { clock, randomness, timers } = ports
  const { rules, budget } = bound
  if (bound.countsRequests) budget.begin(call)
  call.tried ??= new Set()
  const isRepeatable = bound.nonIdempotent || mayRepeat(call)
  // With no body there is nothing to wait for.
  const isReplayable = call.body === null || (await makeReplayable(call, bound.bodyLimitBytes))
  let wasSent = false
  // Bounded by `attempts`.
  for (let tries = 1; ; tries += 1) {
    const one = beginTry(call)
    const answer = await bound.next(one)
    const now = clock.now()
    const result = readTry(answer, now)
    if (result === null || isOver(call)) return use(call, one, answer, wasSent)
    const decision = decide(rules, {
      tries,
      result,
      isRepeatable,
      isReplayable: isReplayable || isBodyLeft(answer),
      leftMs: call.endsAt === null ? null : call.endsAt - now,
      fraction: randomness.fraction(),
    })
    if (decision.kind === 'done' || !budget.take(call)) return use(call, one, answer, wasSent)
    wasSent ||= answer instanceof Response || answer.unsent !== true
    discard(answer)
    if (decision.waitMs > 0) await timers.after(decision.waitMs).done
    // Nobody waits for the answer any more.
    if (isOver(call) || request.signal.aborted) return refuse('UPSTREAM_TIMEOUT')
  }
}

/** Whether the call was given up meanwhile: its time is over, or another answered in its place. */
function isOver({ endsAt, exchange, signal }: Call): boolean {
  return (endsAt !== null && exchange.ports.clock.now() >= endsAt) || (signal?.aborted ?? false)
}

/** Whether nothing of a body that streams by was taken, by this try or by one before it. */
function isBodyLeft(answer: Answer): boolean {
  return !(answer instanceof Response) && answer.isBodyLeft === true
}

/** The answer that goes out. Nothing was sent only where that holds for each try. */
function use(call: Call, one: Call, answer: Answer, wasSent: boolean): Answer {
  adopt(call, one)
  if (!wasSent || answer instanceof Response || answer.unsent === undefined) return answer
  const { unsent: _, ...rest } = answer
  return rest
}
