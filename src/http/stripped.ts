/**
 * Names of header fields that do not travel: those of the connection (RFC 9110 §7.6.1), those that frame
 * the message, and those that only a gateway may write. Asked for every field of every request.
 */

/**
 * Whether an inbound field stays behind, by its lower-case name. Twins with `_` count as the name itself: a
 * service behind CGI reads both as one variable.
 */
export function isStrippedInbound(name: string): boolean {
  // The first character decides for nearly all names, so that most cost one comparison.
  switch (name.charCodeAt(0)) {
    case 0x63: // c
      return name === 'connection' || name.startsWith('cf-') || name.startsWith('cf_')
    case 0x65: // e
      return name === 'expect'
    case 0x66: // f
      return name === 'forwarded'
    case 0x68: // h
      return name === 'host' || name === 'http2-settings'
    case 0x69: // i
      return name.startsWith('isogate-') || name.startsWith('isogate_')
    case 0x6b: // k
      return name === 'keep-alive' || name === 'keep_alive'
    case 0x70: // p
      return name.startsWith('proxy') && proxyNames.has(name.replaceAll('_', '-'))
    case 0x74: // t
      return name.length <= 17 && tNames.has(name.replaceAll('_', '-'))
    case 0x75: // u
      return name === 'upgrade'
    case 0x78: // x
      return isForwardingTwin(name)
    default:
      return false
  }
}

const proxyNames: ReadonlySet<string> = new Set(['proxy-connection', 'proxy-authorization'])

const tNames: ReadonlySet<string> = new Set([
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
])

function isForwardingTwin(name: string): boolean {
  if (name.charCodeAt(1) !== 0x2d && name.charCodeAt(1) !== 0x5f) return false
  const plain = name.includes('_') ? name.replaceAll('_', '-') : name
  return plain.startsWith('x-forwarded-') || plain === 'x-real-ip'
}

/** Fields of one connection, and those that say where a message ends or whom it is for: no table writes them. */
export const framingNames: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
