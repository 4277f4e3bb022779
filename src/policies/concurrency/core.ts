/** The bucket of a limit on requests at the same time, and which of them go on when their headers are there. Pure. */
import type { SlotsShape } from '../../buckets/shape.ts'
import type { Event } from '../../observe/event.ts'

export function slotsOf(limit: number): SlotsShape {
  return Object.freeze({ kind: 'slots', limit })
}

/** Whether bytes may still come: what the gateway answers by itself, with no service called, is there at once. */
export function isStreamed({ upstream }: Pick<Event, 'upstream'>): boolean {
  return upstream !== null
}
