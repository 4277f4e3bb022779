/** `cors`: tells browsers which pages of other origins may call the route, and answers their preflights. */
import type { AnswerEdit, Exchange } from '../../pipeline/exchange.ts'
import { type Edit, type PolicyDefinition, passed } from '../../pipeline/policy.ts'
import {
  type Allowed,
  areHeadersAllowed,
  decideOrigin,
  isMethodAllowed,
  readAskedHeaders,
  readOrigins,
} from './core.ts'
import type { CorsOptions } from './schema.ts'

export const definition: PolicyDefinition<CorsOptions> = {
  use: 'cors',
  stage: 'answer-headers',
  arity: 'one',
  summary: 'Lets pages of other origins call the route and read its answers.',
  bind: bindCors,
}

const set = (name: string, value: string): AnswerEdit => Object.freeze({ kind: 'set', name, value })

/** What the service says of other origins is not its to say here. */
const dropUpstreams: AnswerEdit = Object.freeze({
  kind: 'removePrefix',
  prefix: 'access-control-',
})
const varyByOrigin: AnswerEdit = Object.freeze({ kind: 'list', name: 'Vary', values: ['Origin'] })
const allowAnyOrigin = set('Access-Control-Allow-Origin', '*')
const allowCredentials = set('Access-Control-Allow-Credentials', 'true')

/** Every page may read what limits tell of themselves (ROUTES.md §5). */
const alwaysExposed = ['RateLimit', 'RateLimit-Policy', 'Retry-After']

function bindCors(options: CorsOptions): Edit {
  const { origins, credentials = false, reflect = false, exposeHeaders = [] } = options
  const rules = readOrigins(origins, reflect)
  const isSameForAll = rules.any && !rules.reflect
  const exposed = [...exposeHeaders, ...alwaysExposed].join(', ')
  const writePreflight = bindPreflight(options, credentials)
  return {
    kind: 'edit',
    apply: function cors(exchange) {
      const { answer, idHeader } = exchange
      answer.push(dropUpstreams)
      if (!isSameForAll) answer.push(varyByOrigin)
      const allowed = decideOrigin(exchange.received.origin, rules)
      if (allowed === null) return passed
      const origin = allowed === '*' ? allowAnyOrigin : setOrigin(allowed)
      if (exchange.preflight) {
        // Without a route no one takes the method that it asks for: it is refused.
        if (exchange.route !== null) writePreflight(exchange, origin)
        return passed
      }
      answer.push(origin)
      if (credentials) answer.push(allowCredentials)
      const names = idHeader === null ? exposed : `${exposed}, ${idHeader}`
      answer.push({ kind: 'set', name: 'Access-Control-Expose-Headers', value: names })
      return passed
    },
  }
}

function setOrigin(value: string): AnswerEdit {
  return { kind: 'set', name: 'Access-Control-Allow-Origin', value }
}

/** CORS-safelisted request headers (Fetch §2.2.2): without them no page could send JSON. */
const safelisted = ['Accept', 'Accept-Language', 'Content-Language', 'Content-Type', 'Range']

type WritePreflight = (exchange: Exchange, origin: AnswerEdit) => void

function bindPreflight(options: CorsOptions, credentials: boolean): WritePreflight {
  // The preflight was matched as the method it asks for: the route takes it.
  const methods = options.methods ?? ['*']
  const headers = options.headers ?? safelisted
  const allowedMethods = readAllowed(methods, (method) => method)
  const allowedHeaders = readAllowed(headers, (name) => name.toLowerCase())
  const isOpen = options.methods !== undefined && !credentials
  const methodList = methods.join(', ')
  const headerList = headers.join(', ')
  const maxAge =
    options.maxAgeSeconds === undefined
      ? null
      : set('Access-Control-Max-Age', String(options.maxAgeSeconds))
  return function writePreflight({ received, answer }, origin) {
    const method = received['access-control-request-method'] ?? ''
    const asked = readAskedHeaders(received['access-control-request-headers'])
    if (!isMethodAllowed(method, allowedMethods)) return
    if (!areHeadersAllowed(asked, allowedHeaders)) return
    answer.push(origin)
    if (credentials) answer.push(allowCredentials)
    // Beside credentials browsers take "*" for a name, so what was asked for is said (Fetch §4.8).
    const sayMethods = allowedMethods !== 'any' || isOpen ? methodList : method
    answer.push({ kind: 'set', name: 'Access-Control-Allow-Methods', value: sayMethods })
    const sayHeaders = allowedHeaders === 'any' ? concreteHeaders(asked, credentials) : headerList
    if (sayHeaders !== '') {
      answer.push({ kind: 'set', name: 'Access-Control-Allow-Headers', value: sayHeaders })
    }
    if (maxAge !== null) answer.push(maxAge)
  }
}

/** "*" does not cover Authorization, which has to be named (Fetch §4.8). */
function concreteHeaders(asked: readonly string[], credentials: boolean): string {
  if (credentials) return asked.join(', ')
  return asked.includes('authorization') ? '*, Authorization' : '*'
}

function readAllowed(names: readonly string[], fold: (name: string) => string): Allowed {
  return names.includes('*') ? 'any' : new Set(names.map(fold))
}
