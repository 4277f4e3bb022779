/** `log`: says which requests write their event; the event itself is made for every request. */
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import { readLogging } from './core.ts'
import type { LogOptions } from './schema.ts'

export const definition: PolicyDefinition<LogOptions> = {
  use: 'log',
  stage: 'observe',
  arity: 'one',
  summary: 'Writes the event of a share of the requests, and of all that fail or are slow.',
  bind: bindLog,
}

function bindLog(options: LogOptions): Edit {
  const logging = readLogging(options)
  return {
    kind: 'edit',
    apply: function log(exchange) {
      exchange.logging = logging
      return passed
    },
  }
}
