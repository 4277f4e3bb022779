/** Reads what `log` asks for into what decides whether an event is written (observe/sample.ts). Pure. */
import type { Logging } from '../../pipeline/exchange.ts'
import type { LogOptions } from './schema.ts'

// What a person notices as a wait (Nielsen, 1 s keeps the flow of thought).
const DEFAULT_SLOW_MS = 1000

export function readLogging(options: Pick<LogOptions, 'sample' | 'always' | 'slowMs'>): Logging {
  const { sample = 1, always = ['error', 'slow'], slowMs = DEFAULT_SLOW_MS } = options
  return Object.freeze({
    sample,
    always: Object.freeze({ error: always.includes('error'), slow: always.includes('slow') }),
    slowMs,
  })
}
