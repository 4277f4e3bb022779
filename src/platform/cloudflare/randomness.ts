/**
 * Random hex digits from a pool: one call into the runtime serves about a hundred requests. The pool is
 * filled by the first request, since the runtime gives no randomness while a Worker starts.
 */
import type { Randomness } from '../ports.ts'

const POOL_BYTES = 4096 // a request takes about 34 bytes: 10 for its id, 16 and 8 for the trace

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The isolate's pool. */
export function makeRandomness(): Randomness {
  let pool = ''
  let at = 0
  const bytes = new Uint8Array(POOL_BYTES)
  return {
    hex(count) {
      const length = count * 2
      if (at + length > pool.length) {
        crypto.getRandomValues(bytes)
        pool = ''
        for (const byte of bytes) pool += digits[byte]
        at = 0
      }
      const taken = pool.slice(at, at + length)
      at += length
      return taken
    },
    fraction: Math.random,
  }
}
