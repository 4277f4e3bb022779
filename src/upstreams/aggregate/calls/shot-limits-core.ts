/** How long one request of a call may take: the nearest of its own limit, its upstream's and that of the whole. Pure. */
import type { TimeLimits } from '../../../calls/call.ts'

export interface ShotTimes {
  /** `timeoutMs` of the call. */
  readonly callMs: number | null
  /** That of its upstream. */
  readonly upstreamMs: number | null
  /** That of the table's `defaults`. */
  readonly defaultMs: number | null
}

export interface ShotLimits {
  /** For the call pipeline. */
  readonly limits: TimeLimits
  /** Milliseconds from now until the headers; null for no limit. */
  readonly headersMs: number | null
  /** Milliseconds since 1970. */
  readonly bodyEndsAt: number
}

// Where nothing else bounds a body: what Cloudflare gives work that goes on behind an answer.
const MAX_BODY_MS = 30_000

/** `now` is when the slot is there. Null where the time of the whole is over. */
export function limitsOf(
  { callMs, upstreamMs, defaultMs }: ShotTimes,
  endsAt: number | null,
  now: number,
): ShotLimits | null {
  const left = endsAt === null ? null : endsAt - now
  if (left !== null && left <= 0) return null
  const ownMs = callMs ?? upstreamMs ?? defaultMs
  const headersMs = nearer(ownMs, left)
  const wholeMs = nearer(callMs, left)
  const bodyEndsAt = now + (wholeMs ?? (ownMs ?? 0) + MAX_BODY_MS)
  // A limit of the call bounds a chain of fallbacks too; without one each upstream of it has its own, as on a route.
  const isOwn = callMs === null && upstreamMs !== null && headersMs === upstreamMs
  const limits = isOwn
    ? { routeMs: null, defaultMs: nearer(defaultMs, left) }
    : { routeMs: headersMs, defaultMs: null }
  return { limits, headersMs, bodyEndsAt }
}

function nearer(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}
