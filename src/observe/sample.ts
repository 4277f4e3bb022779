/** Decides whether an event is written (`log` of ROUTES.md §5). Pure: the chance is an argument. */
import type { Logging } from '../pipeline/exchange.ts'
import type { Event } from './event.ts'

/** True where the event is written; `fraction` is a random number from 0 to 1 (1 excluded). */
export function isSampled(event: Event, logging: Logging | null, fraction: number): boolean {
  if (logging === null || logging.sample >= 1) return true
  if (logging.always.error && (event.error !== null || event.status >= 500)) return true
  if (logging.always.slow && event.durationMs >= logging.slowMs) return true
  return fraction < logging.sample
}
