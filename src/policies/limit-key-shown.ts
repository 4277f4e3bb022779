/**
 * What operators see and write for a value of a key (`/_gateway/buckets`), apart from how buckets are named. Shown to
 * whoever has the admin token and to nobody else; never logged. What may be a credential is not shown to them either.
 */
import { sha256Hex } from '../buckets/sha256.ts'
import { readAddress } from '../http/address.ts'
import { networkOf } from '../http/network.ts'

/** Stands where a caller's authority would, for one who is anonymous and counts by address. */
const ANONYMOUS = 'address'

interface Pair {
  readonly authority: string
  readonly subject: string
}

/** `authority|subject`; of who is anonymous `address|` and the network. */
export function showCaller(identity: Pair | null, network: string): string {
  return identity === null
    ? `${ANONYMOUS}|${showNetwork(network)}`
    : `${identity.authority}|${identity.subject}`
}

/** The network of an anonymous caller as an operator wrote it, empty where none is known; null where the text is none. */
export function readAnonymous(text: string): string | null {
  const [kind, ...rest] = text.split('|')
  if (rest.length === 0) return text === '' ? null : readNetwork(text)
  return kind === ANONYMOUS ? readNetwork(rest.join('|')) : null
}

/** The whole value has to be written to name its bucket; a longer one is shown by its beginning and its hash. */
const MAX_SHOWN = 200
const MAX_BEGINNING = 64

/** The value of a name as an operator sees it. */
export function showValue(name: string, value: string): string {
  if (name === 'client.ip') return showNetwork(value)
  if (value !== '' && mayBeCredential(name)) return hashOf(value)
  return value.length <= MAX_SHOWN ? value : `${value.slice(0, MAX_BEGINNING)}…${hashOf(value)}`
}

/** The value of a name that an operator wrote; null where it can have no such value. */
export function readShown(name: string, text: string): string | null {
  return name === 'client.ip' ? readNetwork(text) : text
}

/** What was expected of the value of a name, to read after "expected". */
export function expectedOf(name: string): string {
  switch (name) {
    case 'consumer':
      return 'the name of a consumer, `authority|subject`, or an address for who is anonymous'
    case 'client.ip':
      return 'an address, or nothing where none is known'
    default:
      return `the value of \`${name}\``
  }
}

/** An IPv6 network as the prefix that it is. */
function showNetwork(network: string): string {
  return network.includes(':') ? `${network}::/64` : network
}

function readNetwork(text: string): string | null {
  if (text === '') return ''
  const address = readAddress(text.replace(/\/64$/, ''))
  return address === null ? null : networkOf(address)
}

/** Fields, parameters and cookies that carry credentials, as far as their names tell. */
function mayBeCredential(name: string): boolean {
  if (name.startsWith('cookie.')) return true
  if (!/^(?:header|query)\./.test(name)) return false
  return /auth|cookie|credential|key|pass|secret|session|signature|token/i.test(name)
}

function hashOf(value: string): string {
  return `#${sha256Hex(value).slice(0, 16)}`
}
