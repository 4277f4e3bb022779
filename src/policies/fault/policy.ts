/** `fault`: shows what clients do when requests are slow or fail. */
import { refuse } from '../../errors/refusal.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { BindContext, Next, PolicyDefinition, Wrap } from '../../pipeline/policy.ts'
import { chooseFault, type Fault, type FaultRule, wordFor } from './core.ts'
import type { FaultOptions } from './schema.ts'

export const definition: PolicyDefinition<FaultOptions> = {
  use: 'fault',
  stage: 'admit',
  arity: 'many',
  summary: 'Makes requests slow or fail on purpose, until a given time.',
  bind: bindFault,
}

function bindFault(options: FaultOptions, { name }: BindContext): Wrap {
  const rule = ruleOf(options)
  const choose = ({ received, startedAt, ports }: Exchange) =>
    chooseFault(rule, received, startedAt, () => ports.randomness.fraction())

  async function hold(exchange: Exchange, fault: Fault, next: Next): Promise<Answer> {
    await exchange.ports.timers.after(fault.delayMs).done
    return fault.status === null ? next(exchange) : abort(fault.status)
  }

  return {
    kind: 'wrap',
    around: function fault(exchange, next) {
      const chosen = choose(exchange)
      exchange.event.policies[name] = wordFor(chosen)
      if (chosen.delayMs > 0) return hold(exchange, chosen, next)
      return chosen.status === null ? next(exchange) : abort(chosen.status)
    },
    shadow: function watchFault(exchange, next) {
      const word = wordFor(choose(exchange))
      exchange.event.policies[name] = word === 'passed' ? 'would-pass' : `would-be-${word}`
      return next(exchange)
    },
  }
}

function abort(status: number): Answer {
  return refuse('FAULT_INJECTED', { status })
}

function ruleOf({ delay, abort, header, until }: FaultOptions): FaultRule {
  return {
    untilMs: Date.parse(until),
    header: header?.toLowerCase() ?? null,
    delay: delay === undefined ? null : { ms: delay.ms, share: delay.percent / 100 },
    abort: abort === undefined ? null : { status: abort.status ?? 503, share: abort.percent / 100 },
  }
}
