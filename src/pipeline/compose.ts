/**
 * Puts bound policies around the answer of a route. `when`, `mode` and the outcomes in the event are written
 * here, once for all policies. What is not configured is not in the chain.
 */
import type { Handler } from '../config/plan.ts'
import type { Refusal } from '../errors/refusal.ts'
import { emptyFields } from '../http/headers.ts'
import type { Subject } from '../match/subject.ts'
import { readBody } from './body.ts'
import type { AsksCaller } from './caller.ts'
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

export interface Condition {
  readonly holds: (subject: Subject) => boolean
  /** Where it looks at the body: what else must hold before the body is read, and how much of it is. */
  readonly body: {
    readonly mayHold: (subject: Subject) => boolean
    readonly limitBytes: number
  } | null
  /** What it asks of the caller, who is known after the stage `identify`; null asks nothing. */
  readonly caller?: AsksCaller | null
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
  const asked = bindCondition(step.when, run, next)
  const caller = step.when.caller ?? null
  return caller === null ? asked : bindAsk(caller, asked, next)
}

/** Asks about the caller first: it costs less than a body that is read. */
function bindAsk(isMeant: AsksCaller, run: Next, next: Next): Handler {
  return function whenCallerIsMeant(exchange) {
    return isMeant(exchange.identity) ? run(exchange) : next(exchange)
  }
}

function bindCondition({ holds, body }: Condition, run: Next, next: Next): Handler {
  if (body === null) {
    return function whenItHolds(exchange) {
      return holds(exchange.subject) ? run(exchange) : next(exchange)
    }
  }
  async function readThenAsk(exchange: Exchange, limitBytes: number): Promise<Answer> {
    const read = await readBody(exchange, limitBytes)
    if (read.kind === 'refused') return read
    exchange.subject = { ...exchange.subject, body: read }
    return holds(exchange.subject) ? run(exchange) : next(exchange)
  }
  return function whenBodyHolds(exchange) {
    if (!body.mayHold(exchange.subject)) return next(exchange)
    return readThenAsk(exchange, body.limitBytes)
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
