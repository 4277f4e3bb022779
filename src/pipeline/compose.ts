/**
 * Puts bound policies around the answer of a route. `when`, `mode` and the outcomes in the event are written
 * here, once for all policies. What is not configured is not in the chain.
 */
import type { Handler } from '../config/plan.ts'
import type { Refusal } from '../errors/refusal.ts'
import { emptyFields } from '../http/headers.ts'
import { type Asked, bindAsks, type Condition } from './condition.ts'
import type { Answer, Exchange } from './exchange.ts'
import { bindIdentify, type ResolveConsumer } from './identify.ts'
import { bindLimits, type LimitStep } from './limits.ts'
import type { BoundPolicy, Edit, Gate, Next, Verdict, Wrap } from './policy.ts'

export interface Step {
  readonly name: string
  readonly mode: 'enforce' | 'shadow'
  readonly policy: BoundPolicy
  /** Finds the consumer that a verified caller is. */
  readonly resolve: ResolveConsumer
  /** Null where the policy always runs. */
  readonly when: Condition | null
}

/** The handler that runs the steps in order and then `end`; answers come back through them. */
export function compose(steps: readonly Step[], end: Handler): Handler {
  let next = end
  let at = steps.length - 1
  while (at >= 0) {
    const limits = limitsThatEndAt(steps, at)
    const step = steps[at] as Step
    next = limits.length === 0 ? bindStep(step, next) : bindLimits(limits, next)
    at -= Math.max(1, limits.length)
  }
  return next
}

/** Limits that stand side by side are asked together: a request has room in all of them, or takes from none. */
function limitsThatEndAt(steps: readonly Step[], end: number): readonly LimitStep[] {
  const together: LimitStep[] = []
  for (let at = end; at >= 0; at -= 1) {
    const step = steps[at] as Step
    if (step.policy.kind !== 'limit') break
    together.unshift({ ...step, policy: step.policy })
  }
  return together
}

function bindStep(step: Step, next: Next): Handler {
  const run = bindMode(step, next)
  if (step.when === null) return run
  const asks = bindAsks(step.when)
  function go(exchange: Exchange, asked: Asked): Answer | Promise<Answer> {
    if (asked === true) return run(exchange)
    return asked === false ? next(exchange) : asked
  }
  return function whenItHolds(exchange) {
    const asked = asks(exchange)
    return asked instanceof Promise ? asked.then((late) => go(exchange, late)) : go(exchange, asked)
  }
}

function bindMode(step: Step, next: Next): Handler {
  const { policy, name } = step
  const shadow = step.mode === 'shadow'
  switch (policy.kind) {
    case 'identify':
      return bindIdentify({ policy, name, mode: step.mode, resolve: step.resolve }, next)
    case 'gate':
      return shadow ? shadowGate(policy, name, next) : enforceGate(policy, name, next)
    case 'edit':
      return shadow ? shadowEdit(policy, name, next) : enforceEdit(policy, name, next)
    case 'wrap':
      return bindWrap(policy, shadow, next)
    case 'limit':
      // `compose` takes them together before it comes here.
      throw new Error(`${name} is a limit, and limits are asked together`)
  }
}

function enforceGate(gate: Gate, name: string, next: Next): Handler {
  function conclude(exchange: Exchange, verdict: Verdict): Answer | Promise<Answer> {
    if (verdict.kind === 'passed') {
      exchange.event.policies[name] = 'passed'
      return next(exchange)
    }
    return refused(exchange, name, verdict)
  }
  return function runGate(exchange) {
    const verdict = gate.judge(exchange)
    if (verdict instanceof Promise) return verdict.then((late) => conclude(exchange, late))
    return conclude(exchange, verdict)
  }
}

/** Asks the gate, notes what it would have done, and goes on whatever it says or throws. */
function shadowGate(gate: Gate, name: string, next: Next): Handler {
  function note(exchange: Exchange, verdict: Verdict): Answer | Promise<Answer> {
    exchange.event.policies[name] =
      verdict.kind === 'passed' ? 'would-pass' : outcome('would-refuse', verdict)
    return next(exchange)
  }
  function noteFault(exchange: Exchange): Answer | Promise<Answer> {
    exchange.event.policies[name] = 'failed'
    return next(exchange)
  }
  return function watchGate(exchange) {
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = gate.judge(exchange)
    } catch {
      return noteFault(exchange)
    }
    if (!(verdict instanceof Promise)) return note(exchange, verdict)
    return verdict.then(
      (late) => note(exchange, late),
      () => noteFault(exchange),
    )
  }
}

function enforceEdit(edit: Edit, name: string, next: Next): Handler {
  return function runEdit(exchange) {
    const verdict = edit.apply(exchange)
    return verdict.kind === 'passed' ? next(exchange) : refused(exchange, name, verdict)
  }
}

/** Edits a copy, so that nothing of it leaves the gateway. */
function shadowEdit(edit: Edit, name: string, next: Next): Handler {
  return function watchEdit(exchange) {
    const headers = Object.assign(emptyFields(), exchange.outgoing.headers)
    const copy: Exchange = {
      ...exchange,
      outgoing: { ...exchange.outgoing, headers },
      answer: [],
      event: { ...exchange.event },
    }
    exchange.event.policies[name] = tryEdit(edit, copy)
    return next(exchange)
  }
}

function tryEdit(edit: Edit, copy: Exchange): string {
  try {
    return edit.apply(copy).kind === 'passed' ? 'would-change' : 'would-refuse'
  } catch {
    return 'failed'
  }
}

function bindWrap(wrap: Wrap, shadow: boolean, next: Next): Handler {
  if (shadow) {
    return function watchWrap(exchange) {
      return wrap.shadow(exchange, next)
    }
  }
  return function runWrap(exchange) {
    return wrap.around(exchange, next)
  }
}

function refused(exchange: Exchange, name: string, refusal: Refusal): Refusal {
  exchange.event.policies[name] = outcome('refused', refusal)
  return refusal
}

/** With the reason behind a colon where the policy gives one: for the operator alone. */
function outcome(word: 'refused' | 'would-refuse', { reason }: Refusal): string {
  return reason === undefined ? word : `${word}:${reason}`
}
