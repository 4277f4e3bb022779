/**
 * Membership of an address in a list of CIDR blocks (RFC 4632 §3.1, RFC 4291 §2.3). Blocks become sorted
 * ranges once, so that a look-up in a list of thousands is one binary search. An IPv4-mapped IPv6 address
 * (RFC 4291 §2.5.5.2) is the IPv4 address it carries; the two families never match each other otherwise.
 */
import ipaddr from 'ipaddr.js'

/** Whether an address is in the list. False for null and for text that is no address. */
export type AddressSet = (address: string | null) => boolean

/** Whether the text is an address or a block such as `10.0.0.0/8` or `2001:db8::/32`. */
export function isCidr(text: string): boolean {
  return parseBlock(text) !== null
}

/** Binds a list of addresses and blocks; bits after the prefix are ignored. Throws on text that `isCidr` refuses. */
export function bindCidrs(list: readonly string[]): AddressSet {
  const v4: Range<number>[] = []
  const v6: Range<bigint>[] = []
  for (const text of list) {
    const block = parseBlock(text)
    if (block === null) throw new TypeError('not a CIDR block')
    if (block.family === 4) v4.push(block.range)
    else v6.push(block.range)
  }
  const inV4 = bindRanges(v4)
  const inV6 = bindRanges(v6)
  return (text) => {
    if (text === null) return false
    const address = parseAddress(text)
    if (address === null) return false
    return address.family === 4 ? inV4(address.value) : inV6(address.value)
  }
}

interface Range<T> {
  readonly first: T
  readonly last: T
}

type Address =
  | { readonly family: 4; readonly value: number }
  | { readonly family: 6; readonly value: bigint }

type Block =
  | { readonly family: 4; readonly range: Range<number> }
  | { readonly family: 6; readonly range: Range<bigint> }

// The library also reads octal, hexadecimal and short forms of IPv4 ("010.1"), which other programs read
// as other addresses.
const dottedDecimal = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
const leadingZero = /(?:^|\.)0\d/

function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parseV4(text)
  if (!ipaddr.IPv6.isValid(text)) return null
  const address = ipaddr.IPv6.parse(text)
  if (address.isIPv4MappedAddress()) return parseV4(address.toIPv4Address().toString())
  return { family: 6, value: bigintOf(address.parts) }
}

function parseV4(text: string): Address | null {
  if (!dottedDecimal.test(text) || leadingZero.test(text)) return null
  const [a, b, c, d] = text.split('.').map(Number) as [number, number, number, number]
  return { family: 4, value: ((a * 256 + b) * 256 + c) * 256 + d }
}

function bigintOf(parts: readonly number[]): bigint {
  return parts.reduce((value, part) => (value << 16n) | BigInt(part), 0n)
}

function parseBlock(text: string): Block | null {
  const slash = text.indexOf('/')
  const base = slash === -1 ? text : text.slice(0, slash)
  // A zone names an interface of one machine: it has no meaning in a table.
  if (base.includes('%')) return null
  const address = parseAddress(base)
  if (address === null) return null
  const mapped = address.family === 4 && base.includes(':')
  const width = address.family === 6 || mapped ? 128 : 32
  const length = slash === -1 ? width : parsePrefixLength(text.slice(slash + 1), width)
  if (length === null) return null
  if (address.family === 6) return v6Block(address.value, length)
  if (!mapped) return v4Block(address.value, length)
  // Shorter than /96 a mapped prefix names more than IPv4.
  return length >= 96
    ? v4Block(address.value, length - 96)
    : v6Block(MAPPED | BigInt(address.value), length)
}

const MAPPED = 0xffff_0000_0000n // ::ffff:0:0

function parsePrefixLength(text: string, width: number): number | null {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return null
  const length = Number(text)
  return length <= width ? length : null
}

function v4Block(value: number, length: number): Block {
  const size = 2 ** (32 - length)
  const first = Math.floor(value / size) * size
  return { family: 4, range: { first, last: first + size - 1 } }
}

function v6Block(value: bigint, length: number): Block {
  const free = BigInt(128 - length)
  const first = (value >> free) << free
  return { family: 6, range: { first, last: first + (1n << free) - 1n } }
}

/** Sorts the ranges and joins those that overlap, so that the one that begins last before a value decides. */
function bindRanges<T extends number | bigint>(ranges: readonly Range<T>[]): (value: T) => boolean {
  const firsts: T[] = []
  const lasts: T[] = []
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const previous = lasts.at(-1)
    if (previous === undefined || range.first > previous) {
      firsts.push(range.first)
      lasts.push(range.last)
    } else if (range.last > previous) {
      lasts[lasts.length - 1] = range.last
    }
  }
  return (value) => {
    let low = 0
    let high = firsts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((firsts[middle] as T) <= value) low = middle + 1
      else high = middle
    }
    return low > 0 && value <= (lasts[low - 1] as T)
  }
}
