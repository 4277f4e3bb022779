/** One event as text: JSON for machines, a line for people. Pure. */
import type { Event } from './event.ts'

/** How events are written: for machines, for people, or not at all. */
export type LogForm = 'json' | 'pretty' | 'off'

/** One line of JSON. */
export function toJson(event: Event): string {
  return JSON.stringify(event)
}

/** One line for a terminal: time, status, method, route, upstream, durations, what policies said. */
export function toLine(event: Event): string {
  const { time, status, method, route, path, upstream, durationMs, upstreamMs, error } = event
  const where = route === null ? '-' : `${route} ${path ?? ''}`
  const way = upstream === null ? '' : ` → ${upstream} ${upstreamMs} ms`
  const notes = Object.entries(event.policies)
    .filter(([, outcome]) => outcome !== 'passed')
    .map(([name, outcome]) => ` ${name}:${outcome}`)
    .join('')
  const problem = error === null ? '' : ` ${error}`
  return `${time.slice(11, 23)} ${status} ${method} ${where} ${durationMs} ms${way}${problem}${notes} ${event.request}`
}
