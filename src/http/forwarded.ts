/**
 * Who called, by the rule of `clientIp`, and what services are told of it (ROUTES.md §2). Bound once per
 * table; per request it reads a field or two and joins strings. What a client says of itself is never kept.
 */
import { readAddress } from './address.ts'
import { type AddressSet, bindCidrs } from './cidr.ts'
import type { Fields } from './headers.ts'

/** How the address is found: `auto` is cloudflare where `request.cf.colo` is set, else peer. */
export interface ClientIpRule {
  readonly source: 'peer' | 'cloudflare' | 'forwarded' | 'auto'
  /** How many proxies stand in front of this gateway, the peer among them. */
  readonly trustedHops: number
  readonly trustedCidrs: readonly string[]
}

/** The parts of a request that tell the next one where it came from. */
export interface Passage {
  readonly received: Readonly<Fields>
  readonly client: { readonly address: string | null; readonly colo: string | null }
  readonly target: { readonly scheme: string; readonly authority: string }
  /** The other end of the connection as the runtime writes it, `address:port`; null where it does not tell. */
  readonly peer: string | null
}

export interface Forwarding {
  /** The client's address without port and brackets; null where none is known. */
  address(peer: string | null, colo: string | null, received: Readonly<Fields>): string | null
  /** Writes `Forwarded`, `X-Forwarded-For`, `-Proto`, `-Host`, `X-Real-IP` and `Via` into the fields that go on. */
  write(onward: Fields, passage: Passage): void
}

export function bindForwarding(rule: ClientIpRule): Forwarding {
  if (rule.source === 'forwarded') return trustingForwarding(bindTrust(rule))
  return {
    address: addressBy[rule.source],
    write(onward, passage) {
      const { address } = passage.client
      writeFields(onward, passage, address === null ? [] : [address])
    },
  }
}

type FindAddress = Forwarding['address']

/** What Cloudflare says of the client; it replaces what a client sends under this name. */
const fromCloudflare: FindAddress = (_peer, _colo, received) =>
  readAddress(received['cf-connecting-ip'] ?? null)

// On Cloudflare the runtime does not show the peer, but the edge that took the connection tells it.
const fromPeer: FindAddress = (peer, colo, received) =>
  colo === null ? readAddress(peer) : fromCloudflare(peer, colo, received)

const addressBy: Readonly<Record<'peer' | 'cloudflare' | 'auto', FindAddress>> = {
  peer: fromPeer,
  cloudflare: fromCloudflare,
  auto: fromPeer,
}

/** Whether the hop at this distance is one of ours: the peer is at 0, the last of X-Forwarded-For at 1. */
type Trusts = (distance: number, address: string) => boolean

function bindTrust({ trustedHops, trustedCidrs }: ClientIpRule): Trusts {
  const trusted: AddressSet = bindCidrs(trustedCidrs)
  return (distance, address) => distance < trustedHops || trusted(address)
}

function trustingForwarding(trusts: Trusts): Forwarding {
  function chainOf(
    peer: string | null,
    colo: string | null,
    received: Readonly<Fields>,
  ): readonly string[] {
    return readChain(fromPeer(peer, colo, received), received['x-forwarded-for'], trusts)
  }
  return {
    address: (peer, colo, received) => chainOf(peer, colo, received)[0] ?? null,
    write(onward, passage) {
      const { peer, received, client } = passage
      writeFields(onward, passage, chainOf(peer, client.colo, received))
    },
  }
}

/**
 * The client, then each trusted hop up to the peer; empty where the client is not known. Read from the right:
 * only what a trusted hop wrote counts, and where an entry is no address the client is not known.
 */
export function readChain(
  peer: string | null,
  forwardedFor: string | undefined,
  trusts: Trusts,
): readonly string[] {
  if (peer === null) return []
  const chain = [peer]
  const entries = forwardedFor === undefined ? [] : forwardedFor.split(',')
  // Ends with the entries, which the runtime's bound on header bytes limits.
  for (let distance = 0; trusts(distance, chain[0]!); distance++) {
    const entry = entries.pop()
    if (entry === undefined) break
    const address = readAddress(entry.trim())
    if (address === null) return []
    chain.unshift(address)
  }
  return chain
}

/** `chain` begins with the client and ends with the peer; empty where the client is not known. */
function writeFields(onward: Fields, passage: Passage, chain: readonly string[]): void {
  const { scheme, authority } = passage.target
  const [client] = chain
  if (client !== undefined) {
    onward['x-forwarded-for'] = chain.length === 1 ? client : chain.join(', ')
    onward['x-real-ip'] = client
  }
  onward['x-forwarded-proto'] = scheme
  const nodes = chain.length === 1 ? nodeOf(client!) : chain.map(nodeOf).join(', for=') || 'unknown'
  // The authority is empty where the Host was none; such a request goes no further.
  if (authority !== '') onward['x-forwarded-host'] = authority
  onward.forwarded = `for=${nodes};host=${quoted(authority)};proto=${scheme}`
  const via = passage.received.via
  onward.via = via === undefined ? VIA : `${via}, ${VIA}`
}

// The runtime speaks HTTP/1.1 to services; how the client spoke is not told (RFC 9110 §7.6.3).
const VIA = '1.1 isogate'

/** An IPv6 address is bracketed, and so quoted (RFC 7239 §6). */
function nodeOf(address: string): string {
  return address.includes(':') ? `"[${address}]"` : address
}

/** Quoted where a port or brackets make it no token (RFC 7239 §4). */
function quoted(authority: string): string {
  return authority === '' || authority.includes(':') ? `"${authority}"` : authority
}
