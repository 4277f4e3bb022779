/**
 * The network that one client holds: an IPv4 address is one client, of IPv6 a client has a whole /64 (RFC 6177 §2),
 * so that it could come from another address with each request.
 */

/** An IPv4 address as it is, of an IPv6 address its /64 as `2001:db8:0:1`. Takes what `readAddress` gives. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address)
  // An IPv4-mapped address in hexadecimal (RFC 4291 §2.5.5.2) is the IPv4 address that it carries.
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.')
  }
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

/** The eight groups (RFC 4291 §2.2): `::` stands for as many zeros as there is room for. */
function groupsOf(address: string): readonly number[] {
  const gap = address.indexOf('::')
  if (gap === -1) return parseGroups(address)
  const head = parseGroups(address.slice(0, gap))
  const tail = parseGroups(address.slice(gap + 2))
  const zeros = new Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0)
  return [...head, ...zeros, ...tail]
}

function parseGroups(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}
