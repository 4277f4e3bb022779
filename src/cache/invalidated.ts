/**
 * What unsafe requests through this isolate have made invalid (RFC 9111 §4.4): URLs and when. It ends every variant
 * and every caller's copy at once, here; the stores forget the one under the request's own key.
 */
import type { Ports } from '../platform/ports.ts'

const NAME = 'cache:invalidated'
// 100 bytes each: at most 1 MB in an isolate. What is forgotten is ended by its own lifetime.
const MOST = 10_000
// As long as an answer may be stored at most is far longer than isolates live.
const KEPT_MS = 86_400_000

export function isInvalidated(
  { memories }: Pick<Ports, 'memories'>,
  url: () => string,
  requestedAt: number,
  now: number,
): boolean {
  const memory = memories.of<number>(NAME, MOST)
  if (memory.size === 0) return false
  const at = memory.get(url(), now)
  return at !== undefined && requestedAt <= at
}

export function noteInvalid({ memories }: Pick<Ports, 'memories'>, url: string, now: number): void {
  memories.of<number>(NAME, MOST).set(url, now, now + KEPT_MS)
}
