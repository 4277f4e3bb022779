/**
 * The names that templates, `by`, `hash` and `varyBy` share (ROUTES.md §1), and how each is read from a
 * request. A missing value is the empty string. Names of later features are unknown until they exist.
 */
import { readCookie } from '../http/cookies.ts'
import { tokenForm } from '../http/field-values.ts'
import { readParameter } from '../http/query.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { suggestion } from '../schema/nearest.ts'
import { bindClaim } from './value-at.ts'

/** Reads one value of the request; empty where there is none. */
export type Read = (exchange: Exchange) => string

const fixed: Readonly<Record<string, Read>> = {
  'client.ip': (exchange) => exchange.client.address ?? '',
  'client.country': (exchange) => exchange.client.country ?? '',
  'client.continent': (exchange) => exchange.client.continent ?? '',
  'client.asn': (exchange) => String(exchange.client.asn ?? ''),
  'client.colo': (exchange) => exchange.client.colo ?? '',
  'request.id': (exchange) => exchange.id,
  'request.method': (exchange) => exchange.method,
  'request.host': (exchange) => exchange.target.host,
  'request.path': (exchange) => exchange.target.path,
  // Of the entry in `consumers`, never a subject: another issuer's caller may have any subject.
  'consumer.name': (exchange) => exchange.identity?.consumer?.name ?? '',
  'consumer.plan': (exchange) => exchange.identity?.consumer?.plan ?? '',
  'route.name': (exchange) => exchange.route?.name ?? '',
  'now.seconds': (exchange) => String(Math.floor(exchange.startedAt / 1000)),
}

/** Families whose second part is data: what it must look like, and how it is read. */
const families: Readonly<Record<string, { readonly rest: RegExp; bind(rest: string): Read }>> = {
  params: {
    rest: /^[A-Za-z_][A-Za-z0-9_]*$/, // The name of a parameter in a path (ROUTES.md §2).
    bind: (name) => (exchange) => exchange.params[name] ?? '',
  },
  query: {
    rest: /^[^{}]+$/,
    bind: (name) => (exchange) => readParameter(exchange.target.query, name) ?? '',
  },
  header: {
    rest: tokenForm,
    bind: (written) => {
      const name = written.toLowerCase()
      return (exchange) => exchange.received[name] ?? ''
    },
  },
  claims: {
    rest: /^[^{}\s.]+(?:\.[^{}\s.]+)*$/,
    bind: bindClaimText,
  },
  cookie: {
    rest: tokenForm,
    bind: (name) => (exchange) => readCookie(exchange.received.cookie, name) ?? '',
  },
}

/** Lists and objects come as JSON. */
function bindClaimText(name: string): Read {
  const read = bindClaim(name)
  return function readClaimText(exchange) {
    const value = read(exchange)
    if (value === undefined || value === null) return ''
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}

/** Whether the value of this name is known only once identity policies have run. */
export function isKnownLate(name: string): boolean {
  return name.startsWith('claims.') || name.startsWith('consumer.')
}

/** Whether templates know this name. */
export function isAttributeName(name: string): boolean {
  return readAttribute(name) !== null
}

/** How the value of this name is read, or null where the vocabulary does not have it. */
export function readAttribute(name: string): Read | null {
  if (Object.hasOwn(fixed, name)) return fixed[name] ?? null
  const dot = name.indexOf('.')
  const family = name.slice(0, dot)
  if (dot === -1 || !Object.hasOwn(families, family)) return null
  const { rest, bind } = families[family]!
  const own = name.slice(dot + 1)
  return rest.test(own) ? bind(own) : null
}

/** What was expected in place of a name that does not exist, as it reads after "expected". */
export function expectedName(name: string): string {
  const dot = name.indexOf('.')
  const family = name.slice(0, dot)
  if (dot !== -1 && Object.hasOwn(families, family)) {
    return `a name after "${family}." in "\${${name}}"`
  }
  const meant = suggestion(name, candidatesFor(name, dot))
  return `a name that templates know in place of "${name}"${meant || `; known are ${known.join(', ')}`}`
}

const known = [...Object.keys(fixed), ...Object.keys(families).map((family) => `${family}.<name>`)]

/** The fixed names, and what was written with each family in front of its last part. */
function candidatesFor(name: string, dot: number): readonly string[] {
  const own = name.slice(dot + 1)
  return [...Object.keys(fixed), ...Object.keys(families).map((family) => `${family}.${own}`)]
}
