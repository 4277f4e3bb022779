/** Reads an address from the forms in which runtimes and proxies write it. */
import { isCidr } from './cidr.ts'

/**
 * The address without port, brackets and zone; null where the text is none. An IPv4-mapped IPv6 address is
 * the IPv4 address it carries (RFC 4291 §2.5.5.2), so that one client has one name.
 */
export function readAddress(text: string | null): string | null {
  if (text === null || text === '') return null
  const bare = withoutPort(text)
  const zone = bare.indexOf('%')
  const address = zone === -1 ? bare : bare.slice(0, zone)
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped !== null) return readAddress(mapped[1]!)
  if (isDotted(address)) return address
  return address.includes(':') && !address.includes('/') && isCidr(address)
    ? address.toLowerCase()
    : null
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    return end === -1 ? '' : text.slice(1, end)
  }
  const colon = text.indexOf(':')
  // A second colon makes it an IPv6 address without brackets, which cannot carry a port.
  return colon !== -1 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text
}

/** Four decimal numbers up to 255 without leading zeros: the one form that all programs read alike. */
function isDotted(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}
