/** Which targets the requests of the last seconds reached, and which were lost: as this isolate saw it. */
import type { Call } from '../call.ts'

const KNOWN_FOR_MS = 10_000 // A target that dies costs one request at most until it is asked again.
const MAX_TARGETS = 1_000

/** Null where nothing is known. */
export function wasReached(call: Call): boolean | null {
  return reachedOf(call).get(call.target.url, call.exchange.ports.clock.now()) ?? null
}

/** To be told of each call to a target that ended without an answer, and of answers where that was in question. */
export function noteReached(call: Call, isReached: boolean): void {
  const { clock } = call.exchange.ports
  reachedOf(call).set(call.target.url, isReached, clock.now() + KNOWN_FOR_MS)
}

function reachedOf({ exchange }: Call) {
  return exchange.ports.memories.of<boolean>('send:reached', MAX_TARGETS)
}
