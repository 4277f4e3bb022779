/**
 * Header fields of a request as plain data: read from the runtime once, since each call into it costs
 * more than all our JavaScript. Names are lower-case already (Fetch standard, "sort and combine").
 */
import { isStrippedInbound } from './stripped.ts'

/** Lower-case name → value. Nothing is inherited: `__proto__` and `constructor` are valid field names. */
export type Fields = Record<string, string>

/**
 * Makes objects that inherit nothing and still are fast. V8 keeps `Object.create(null)` as a hash table, which
 * the runtime takes 3 % of a proxied request longer to read (docs/benchmarks.md).
 */
class FieldSet {}
Object.setPrototypeOf(FieldSet.prototype, null)
Reflect.deleteProperty(FieldSet.prototype, 'constructor')

/** An empty set of fields. */
export function emptyFields(): Fields {
  return new FieldSet() as Fields
}

export interface ReadFields {
  /** All fields as received, but for reserved names. */
  readonly received: Fields
  /** Those that may go on to a service. */
  readonly onward: Fields
}

/** Rules of the table about which inbound fields go on. */
export interface InboundRules {
  /** Whether names with `_` pass. */
  readonly underscores: boolean
  /** Names that only the gateway may write, as `spelling` gives them. */
  readonly reserved: ReadonlySet<string>
}

/**
 * Reads a request's header fields in one pass: all of them, and those that go on. Hop-by-hop fields, fields
 * that `Connection` names (RFC 9110 §7.6.1), forged forwarding fields and reserved names stay behind.
 */
export function readFields(headers: Headers, rules: InboundRules): ReadFields {
  const received = emptyFields()
  const onward = emptyFields()
  const { underscores, reserved } = rules
  headers.forEach((value, name) => {
    // Not even a condition or a template may read what only the gateway may say.
    if (reserved.size > 0 && reserved.has(spelling(name))) return
    received[name] = value
    if (isStrippedInbound(name)) return
    if (!underscores && name.includes('_')) return
    onward[name] = value
  })
  const { cookie } = received
  if (cookie?.includes(', ')) received.cookie = onward.cookie = mendCookies(cookie)
  const connection = received.connection
  if (connection !== undefined) dropNamed(onward, connection)
  const upgrade = received.upgrade
  // The one upgrade that the runtime relays; any other protocol is declined by answering plainly.
  if (upgrade !== undefined && upgrade.toLowerCase() === 'websocket') onward.upgrade = 'websocket'
  return { received, onward }
}

/**
 * Two Cookie lines come from the runtime joined by ", ", which no service splits: cookies are told apart by "; "
 * (RFC 6265 §4.2.1; RFC 9113 §8.2.3). A comma within a value is followed by no name and "=".
 */
function mendCookies(cookie: string): string {
  return cookie.replace(/, (?=[^\s=;,]+=)/g, '; ')
}

/**
 * The one spelling of a field name, for names that only the gateway may write: services behind CGI and their
 * like read every character that is no letter or digit as the same one (RFC 3875 §4.1.18).
 */
export function spelling(name: string): string {
  return /^[a-z0-9-]*$/.test(name) ? name : name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

function dropNamed(fields: Fields, connection: string): void {
  for (const token of connection.split(',')) delete fields[token.trim().toLowerCase()]
}
