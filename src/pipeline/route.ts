/**
 * From a received request to the pipeline of its route, or to the problem of one that has none. Reads the body
 * only while a route that is still in the running looks at it.
 */
import type { BoundRoute, Plan } from '../config/plan.ts'
import { refuse } from '../errors/refusal.ts'
import type { Found } from '../match/matcher.ts'
import { readBody } from './body.ts'
import type { Answer, Exchange } from './exchange.ts'

/** Methods that a server as a whole may be asked for with `OPTIONS *` (RFC 9110 §9.3.7). */
const anyMethod = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

/** Finds the route and runs its pipeline. */
export function routeOf(exchange: Exchange, plan: Plan): Answer | Promise<Answer> {
  if (exchange.target.path === '*') return withoutRoute(exchange, plan, serverWide(exchange))
  const document = findDocument(exchange, plan)
  if (document !== null) return document
  const preflight = findPreflight(exchange, plan)
  if (preflight !== null) return preflight
  const found = plan.matcher.find(exchange.subject)
  return found.kind === 'needs-body'
    ? readThenFind(exchange, plan, found.limitBytes)
    : conclude(exchange, plan, found)
}

/** The gateway's own documents: public, and like 404 under the policies of `defaults` that need no route. */
function findDocument(exchange: Exchange, plan: Plan): Answer | Promise<Answer> | null {
  const { path } = exchange.target
  if (!path.startsWith('/.well-known/')) return null
  const answer = plan.wellKnown.get(path)
  if (answer === undefined) return null
  exchange.event.path = path
  const found = answer(exchange)
  return found instanceof Promise
    ? found.then((late) => withoutRoute(exchange, plan, late))
    : withoutRoute(exchange, plan, found)
}

async function readThenFind(exchange: Exchange, plan: Plan, limitBytes: number): Promise<Answer> {
  const body = await readBody(exchange, limitBytes)
  if (body.kind === 'refused') return withoutRoute(exchange, plan, body)
  exchange.subject = { ...exchange.subject, body }
  return conclude(exchange, plan, plan.matcher.find(exchange.subject))
}

function conclude(exchange: Exchange, plan: Plan, found: Found): Answer | Promise<Answer> {
  switch (found.kind) {
    case 'matched':
      return enter(exchange, plan.routes[found.route] as BoundRoute, found).run(exchange)
    case 'not-found':
      return withoutRoute(exchange, plan, refuse('ROUTE_NOT_FOUND'))
    case 'method-not-allowed':
      return withoutRoute(exchange, plan, notAllowed(exchange, found.allow))
    case 'refused':
      return withoutRoute(exchange, plan, found)
    case 'needs-body':
      throw new Error('a route asked twice for the body')
  }
}

function enter(
  exchange: Exchange,
  route: BoundRoute,
  found: Extract<Found, { kind: 'matched' }>,
): BoundRoute {
  exchange.route = route
  exchange.params = found.params
  exchange.event.route = route.name
  exchange.event.path = found.pattern
  return route
}

function serverWide({ method }: Exchange): Answer {
  if (method === 'OPTIONS') return options(anyMethod)
  return refuse('TARGET_INVALID', { detail: 'Only OPTIONS may ask for "*".' })
}

function notAllowed(exchange: Exchange, methods: readonly string[]): Answer {
  const allow = methods.join(', ')
  if (exchange.method === 'OPTIONS') {
    exchange.preflight = askedMethod(exchange) !== null
    return options(allow)
  }
  return refuse('METHOD_NOT_ALLOWED', { headers: { allow }, members: { allow: methods } })
}

function options(allow: string): Response {
  return new Response(null, { status: 204, headers: { allow } })
}

/** A preflight is matched as the method that it asks for; header and body conditions are left out (ROUTES.md §5). */
function findPreflight(exchange: Exchange, plan: Plan): Answer | Promise<Answer> | null {
  const method = askedMethod(exchange)
  if (method === null) return null
  const found = plan.matcher.findPreflight({ ...exchange.subject, method })
  if (found.kind !== 'matched') return null
  const route = plan.routes[found.route] as BoundRoute
  if (route.preflight === null) return null
  exchange.preflight = true
  enter(exchange, route, found)
  return route.preflight(exchange)
}

/** The method that a preflight asks for; null where the request is none. */
function askedMethod({ method, received }: Exchange): string | null {
  if (method !== 'OPTIONS' || received.origin === undefined) return null
  return received['access-control-request-method'] || null
}

/** 400, 404 and 405: observers, answer headers and admission of `defaults` run. */
export function withoutRoute(
  exchange: Exchange,
  plan: Plan | null,
  conclusion: Answer,
): Answer | Promise<Answer> {
  if (plan === null) return conclusion
  exchange.conclusion = conclusion
  return plan.withoutRoute(exchange)
}
