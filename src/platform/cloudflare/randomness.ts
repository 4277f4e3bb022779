/**
 * Random hex digits from a pool: one call into the runtime serves about a hundred requests. The pool is
 * filled by the first request, since the runtime gives no randomness while a Worker starts.
 */
import type { Randomness } from '../ports.ts'

const POOL_BYTES = 4096 // a request takes about 34 bytes: 10 for its id, 16 and 8 for the trace

const digits = new TextEncoder().encode('0123456789abcdef')

/** The isolate's pool. */
export function makeRandomness(): Randomness {
  const bytes = new Uint8Array(POOL_BYTES)
  const text = new Uint8Array(2 * POOL_BYTES)
  const decoder = new TextDecoder()
  let pool = ''
  let at = 0
  // Written as bytes and decoded once: a string that grows digit by digit is 80 kB for the collector each time.
  function fill(): void {
    crypto.getRandomValues(bytes)
    for (let index = 0; index < POOL_BYTES; index += 1) {
      const byte = bytes[index] as number
      text[2 * index] = digits[byte >> 4] as number
      text[2 * index + 1] = digits[byte & 15] as number
    }
    pool = decoder.decode(text)
    at = 0
  }
  return {
    hex(count) {
      const length = 2 * count
      if (at + length > pool.length) fill()
      const taken = pool.slice(at, at + length)
      at += length
      return taken
    },
    fraction: Math.random,
  }
}
