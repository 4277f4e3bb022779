/**
 * Reads what came back from an upstream: which statuses can be passed on, and what an error of the runtime
 * means. workerd tells little apart: refused, reset and closed all say "Network connection lost."
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'

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
  })
}

function edgeStatus(status: number): Refusal {
  // 522: connecting took too long; 524: the answer took too long.
  if (status === 522 || status === 524) {
    return refuse('UPSTREAM_TIMEOUT', { detail: 'The network gave up waiting for the service.' })
  }
  return refuse('UPSTREAM_UNREACHABLE', { detail: 'The network could not reach the service.' })
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

/** The problem for a call that rejected. The runtime's own words stay in the log: they can name addresses. */
export function judgeError(error: unknown): Refusal {
  const lost = error instanceof Error && error.message.startsWith('Network connection lost')
  return refuse('UPSTREAM_UNREACHABLE', {
    detail: lost
      ? 'The connection to the service was refused or lost before it answered.'
      : 'The name of the service did not resolve, or no secure connection could be made to it.',
  })
}
