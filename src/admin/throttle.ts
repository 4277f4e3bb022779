/** Counts wrong admin tokens per address. Knows only this isolate: an attacker has ten tries in each it reaches. */
import ipaddr from 'ipaddr.js'

const MAX_WRONG = 10 // ROUTES.md §8
const WINDOW_MS = 60_000
const MAX_ADDRESSES = 10_000 // about 1 MB

interface Count {
  readonly since: number
  wrong: number
}

export class TokenThrottle {
  /** In the order of `since`, since an entry is only ever begun at the end. */
  readonly #counts = new Map<string, Count>()

  /** Seconds until the address may try again, or null while it may. */
  waitSeconds(address: string | null, now: number): number | null {
    const count = this.#current(networkOf(address), now)
    if (count === null || count.wrong < MAX_WRONG) return null
    return Math.ceil((count.since + WINDOW_MS - now) / 1000)
  }

  /** Counts one wrong token. */
  count(address: string | null, now: number): void {
    const network = networkOf(address)
    const count = this.#current(network, now)
    if (count !== null) {
      count.wrong++
      return
    }
    this.#counts.delete(network)
    this.#makeRoom()
    this.#counts.set(network, { since: now, wrong: 1 })
  }

  #current(network: string, now: number): Count | null {
    const count = this.#counts.get(network)
    if (count === undefined) return null
    // A clock that was set back may not lock an operator out for longer than the window.
    const ageMs = now - count.since
    return ageMs >= 0 && ageMs < WINDOW_MS ? count : null
  }

  #makeRoom(): void {
    if (this.#counts.size < MAX_ADDRESSES) return
    const oldest = this.#counts.keys().next().value
    if (oldest !== undefined) this.#counts.delete(oldest)
  }
}

/** Whoever has one IPv6 address has its whole /64. Without an address all share one count. */
function networkOf(address: string | null): string {
  if (address === null || !address.includes(':') || !ipaddr.IPv6.isValid(address)) {
    return address ?? ''
  }
  const parsed = ipaddr.IPv6.parse(address)
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString()
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')
}
