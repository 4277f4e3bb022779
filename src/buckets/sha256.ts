/**
 * SHA-256 (FIPS 180-4) without an await, for names that are made on the way of a request: Web Crypto answers in a
 * promise. For short texts; what has to be kept secret is hashed by Web Crypto.
 */

/** The hash of a text's UTF-8 bytes: 64 hex digits. */
export function sha256Hex(text: string): string {
  const state = Int32Array.from(initial)
  const words = pad(new TextEncoder().encode(text))
  for (let at = 0; at < words.length; at += 16) compress(state, words, at)
  let hex = ''
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, '0')
  return hex
}

const primes = [2, 3, 5, 7, 11, 13, 17, 19]
for (let n = 23; primes.length < 64; n += 2) if (primes.every((prime) => n % prime)) primes.push(n)

/** The first 32 bits behind the point: of square roots in the initial state (§5.3.3), of cube roots in K (§4.2.2). */
const fraction = (root: number) => Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
const initial = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))

/** The message in whole blocks of sixteen words, with its length in bits at the end (§5.1.1). */
function pad(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(16 * Math.ceil((bytes.length + 9) / 64))
  for (let at = 0; at < bytes.length; at += 1) put(words, at, bytes[at] as number)
  put(words, bytes.length, 0x80)
  words[words.length - 1] = bytes.length * 8
  return words
}

function put(words: Int32Array, at: number, byte: number): void {
  words[at >> 2] = (words[at >> 2] as number) | (byte << (24 - 8 * (at & 3)))
}

const schedule = new Int32Array(64)

/** One block (§6.2.2). */
function compress(state: Int32Array, words: Int32Array, from: number): void {
  const w = schedule
  for (let t = 0; t < 16; t += 1) w[t] = words[from + t] as number
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15] as number
    const y = w[t - 2] as number
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[t] = (w[t - 16] as number) + s0 + (w[t - 7] as number) + s1
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight
  for (let t = 0; t < 64; t += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  add(state, [a, b, c, d, e, f, g, h])
}

type Eight = [number, number, number, number, number, number, number, number]

function add(state: Int32Array, values: Eight): void {
  for (let at = 0; at < 8; at += 1) state[at] = (state[at] as number) + (values[at] as number)
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}
