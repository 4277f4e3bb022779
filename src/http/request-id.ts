/** Request ids: UUID version 7 (RFC 9562 §5.7), so that ids sort by time. */

/** A UUID from `now` in milliseconds since 1970; `hex(n)` gives 2n random hex digits. */
export function makeRequestId(now: number, hex: (bytes: number) => string): string {
  const time = now.toString(16).padStart(12, '0')
  const random = hex(10)
  // The two variant bits are 10: one of 8, 9, a, b, picked by a random digit.
  const variant = '89ab'[Number.parseInt(random[3] as string, 16) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}
