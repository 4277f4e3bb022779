/**
 * Reads what came back from an upstream: which statuses can be passed on, and what an error of the runtime
 * means. workerd tells little apart: refused, reset, closed and answers that are no HTTP all reject with "Network
 * connection lost." and `retryable: true`; names that do not resolve and TLS that fails are an "internal error".
 */
import { type Failure, type Refusal, refuse } from '../../errors/refusal.ts'

/** Null where the status can be passed on, else the problem in its place. */
export function judgeStatus(status: number, upgraded: boolean): Refusal | null {
  if (status === 101) return upgraded ? null : badStatus(status)
  // Response takes 200-599 (Fetch standard); what lies outside cannot be sent on at all.
  if (status < 200 || status > 599) return badStatus(status)
  // Cloudflare answers 520-530 itself where an origin does not (ROUTES.md §4).
  if (status >= 520 && status <= 530) return edgeStatus(status)
  return null
}

function badStatus(status: number): Refusal {
  return refuse('UPSTREAM_BAD_STATUS', {
    detail: `The service answered with status ${status}, which a gateway cannot pass on.`,
    upstreamStatus: status,
  })
}

/** What the network says of a service that it could not reach (ROUTES.md §4); the rest says only that it failed. */
const edgeFailures: ReadonlyMap<number, Failure> = new Map([
  [520, 'reset'],
  [521, 'connect-failure'],
  [522, 'connect-failure'],
  [523, 'connect-failure'],
  [524, 'reset'],
  [525, 'connect-failure'],
  [526, 'connect-failure'],
  [530, 'connect-failure'],
])

function edgeStatus(status: number): Refusal {
  const failure = edgeFailures.get(status)
  const more = {
    upstreamStatus: status,
    ...(failure === undefined ? {} : { failure }),
    ...(failure === 'connect-failure' ? { unsent: true as const } : {}),
  }
  // 522: connecting took too long; 524: the answer took too long.
  if (status === 522 || status === 524) {
    const detail = 'The network gave up waiting for the service.'
    return refuse('UPSTREAM_TIMEOUT', { detail, ...more })
  }
  const detail = 'The network could not reach the service.'
  return refuse('UPSTREAM_UNREACHABLE', { detail, ...more })
}

/** Options of the connection itself: the runtime's own affair (RFC 9110 §7.6.1). */
const connectionOptions = new Set(['close', 'keep-alive', 'upgrade', ''])

/** The fields of an answer that its Connection names, lower-case: they were meant for the gateway alone. */
export function namedByConnection(connection: string): readonly string[] {
  return connection
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => !connectionOptions.has(token))
}

/**
 * The problem for a call that rejected. The runtime's own words stay in the log: they can name addresses. A lost
 * connection may have been refused, or lost after the service took the request: it counts as the latter.
 */
export function judgeError(error: unknown, toBinding: boolean): Refusal {
  // Seen only before anything is sent; but a Worker behind a binding passes errors of its own calls on.
  if (!toBinding && error instanceof Error && error.message.startsWith('internal error')) {
    return connectFailure(
      'The name of the service did not resolve, or no secure connection could be made to it.',
    )
  }
  return refuse('UPSTREAM_UNREACHABLE', {
    detail: 'The connection to the service was refused or lost before it answered.',
    failure: 'reset',
  })
}

/** No connection came about: nothing was sent. */
export function connectFailure(detail: string): Refusal {
  return refuse('UPSTREAM_UNREACHABLE', { detail, failure: 'connect-failure', unsent: true })
}
