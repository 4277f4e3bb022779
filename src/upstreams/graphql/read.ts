/** Reads the answer of a GraphQL service whole, within its bounds, whatever status it has. */

import { type Refusal, refuse } from '../../errors/refusal.ts'
import { formatOf } from '../../formats/media-type.ts'
import { discardBody, readLength } from '../../http/body.ts'
import { decodeUtf8 } from '../../http/utf8.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { type BodyRead, readBody } from '../read-body.ts'
import { Waits } from '../waits.ts'
import { readAnswer, type Said } from './answer-core.ts'
import { statusOfForeign } from './status-core.ts'

export interface ReadBounds {
  readonly maxBytes: number
  /** From now. */
  readonly ms: number
}

/** What the service said, with the text that it said it in. */
export type ServiceRead = (Said & { readonly text: string }) | Refusal

export async function readService(
  response: Response,
  exchange: Exchange,
  bounds: ReadBounds,
): Promise<ServiceRead> {
  const { status, headers } = response
  if (formatOf(headers.get('content-type') ?? undefined).format !== 'json') {
    discardBody(response.body)
    return foreign(response, 'content-type')
  }
  const read = await readWhole(response, exchange, bounds)
  switch (read.kind) {
    case 'too-large':
      return refuse('UPSTREAM_BODY_TOO_LARGE', { upstreamStatus: status })
    case 'late':
      return refuse('UPSTREAM_TIMEOUT', {
        detail: 'The answer of the service was not whole in time.',
        failure: 'timeout',
      })
    case 'broken':
      return refuse('UPSTREAM_UNREACHABLE', {
        detail: 'The connection to the service was lost before its answer was whole.',
      })
    case 'garbled':
      return foreign(response, 'charset')
    default: {
      const text = read.kind === 'text' ? read.text : decodeUtf8(read.bytes)
      if (text === null) return foreign(response, 'charset')
      const said = readAnswer(text)
      return said.kind === 'invalid' ? foreign(response, said.reason) : { ...said, text }
    }
  }
}

/** Waits for it no longer than its client does. */
async function readWhole(
  response: Response,
  exchange: Exchange,
  bounds: ReadBounds,
): Promise<BodyRead> {
  const { headers } = response
  const { timers, clock } = exchange.ports
  const waits = new Waits(timers, clock)
  const left = exchange.onLeave
  exchange.onLeave = () => {
    left?.()
    waits.callOff()
  }
  const length = headers.has('content-encoding')
    ? null
    : readLength(headers.get('content-length') ?? undefined)
  const endsAt = clock.now() + bounds.ms
  const limits = { maxBytes: bounds.maxBytes, endsAt, length, waits, isUtf8: true }
  const read = await readBody(response, limits, (body) => body)
  waits.close()
  exchange.onLeave = left
  return read
}

/** Not GraphQL: by its status it is a failure of what stands before the service, or none of its answers at all. */
function foreign({ status, headers }: Response, reason: string): Refusal {
  if (status < 300) return refuse('UPSTREAM_BODY_INVALID', { reason, upstreamStatus: status })
  return failed({ status: statusOfForeign(status), headers, upstreamStatus: status, errors: [] })
}

export interface Failing {
  readonly status: number
  /** Those of the service. */
  readonly headers: Headers
  readonly upstreamStatus: number
  readonly errors: readonly object[]
}

export function failed({ status, headers, upstreamStatus, errors }: Failing): Refusal {
  const fields: Record<string, string> = {}
  const retryAfter = headers.get('retry-after')
  if (retryAfter !== null && (status === 429 || status === 503)) fields['Retry-After'] = retryAfter
  const challenge = headers.get('www-authenticate')
  if (challenge !== null && status === 401) fields['WWW-Authenticate'] = challenge
  return refuse('GRAPHQL_FAILED', { status, members: { errors }, headers: fields, upstreamStatus })
}
