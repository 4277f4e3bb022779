/** `auth.clientCredentials`: a bearer token of the gateway's own, for services that ask a token endpoint. */
import type { Refusal } from '../../errors/refusal.ts'
import type { Answer, Exchange } from '../../pipeline/exchange.ts'
import type { Call, Send } from '../call.ts'
import { type Grant, isRepeatable } from './client-credentials-core.ts'
import { type AuthFailure, inTime, refuseUnproven } from './step.ts'
import {
  LEFT_ALONE_SECONDS,
  type Obtained,
  type TokenSource,
  type Ungranted,
} from './token-source.ts'

/** A token that is refused so soon after it came is not the reason: a service that refuses all is not asked twice. */
const YOUNG_MS = 10_000

export function bindClientCredentials(source: TokenSource, next: Send): Send {
  return async function clientCredentials(call) {
    const { ports } = call.exchange
    const known = source.known(ports)
    const grant = known ?? (await obtain(source, call))
    if ('kind' in grant && grant.kind === 'refused') return grant
    const { token, gotAt, refreshAt } = grant as Grant
    const answer = await sendWith(token, call, next)
    const now = ports.clock.now()
    if (answer instanceof Response && answer.status === 401 && now - gotAt >= YOUNG_MS) {
      return renew({ source, call, next, token }, answer)
    }
    // After the answer: what is deferred before it keeps the calls of a client that left alive.
    if (now >= refreshAt) ports.defer(source.fetch(ports))
    return answer
  }
}

function sendWith(token: string, call: Call, next: Send): Promise<Answer> {
  call.headers.authorization = `Bearer ${token}`
  return next(call)
}

interface Renewal {
  readonly source: TokenSource
  readonly call: Call
  readonly next: Send
  /** The one that the service refused. */
  readonly token: string
}

/** The service does not take the token, revoked for one: a new one, and one more call where that does no harm. */
async function renew({ source, call, next, token }: Renewal, answer: Response): Promise<Answer> {
  const { ports } = call.exchange
  source.forget(ports)
  if (!isRepeatable(call.method, call.body)) return answer
  const fresh = await inTime(call.signal, source.fetch(ports))
  if (fresh?.kind !== 'granted' || fresh.token === token) return answer
  // An unread body would hold its connection.
  await answer.body?.cancel()
  return sendWith(fresh.token, call, next)
}

async function obtain(source: TokenSource, call: Call): Promise<Grant | Refusal> {
  const { exchange, signal } = call
  // Once the deadline is over its own refusal takes the place of any other.
  const obtained = await inTime(signal, source.fetch(exchange.ports))
  return obtained?.kind === 'granted' ? obtained : refuseUngranted(exchange, obtained)
}

const reasons: Readonly<Record<Ungranted, AuthFailure>> = {
  unreachable: 'token-endpoint-unreachable',
  refused: 'token-endpoint-refused',
  invalid: 'token-endpoint-answer-invalid',
}

function refuseUngranted(exchange: Exchange, obtained: Obtained | null): Refusal {
  const kind = obtained === null || obtained.kind === 'granted' ? 'unreachable' : obtained.kind
  const refusal = refuseUnproven(exchange, reasons[kind])
  return { ...refusal, headers: { 'retry-after': String(LEFT_ALONE_SECONDS) } }
}
