/**
 * Bearer tokens from a token endpoint, for one upstream: remembered in the isolate, one question at a time. An
 * endpoint that does not answer is left alone for a moment, and the token that is there serves until its end.
 */
import { readUpTo } from '../../http/read-up-to.ts'
import type { Secret } from '../../http/secret.ts'
import type { NetworkCall, Ports } from '../../platform/ports.ts'
import { SingleFlight } from '../../platform/single-flight.ts'
import type { ClientCredentialsOptions } from '../../upstreams/http/auth-schema.ts'
import {
  describeTokenRequest,
  type Grant,
  readTokenAnswer,
  type TokenAnswer,
} from './client-credentials-core.ts'

export type Ungranted = Exclude<TokenAnswer['kind'], 'granted'>

export type Obtained = ({ readonly kind: 'granted' } & Grant) | { readonly kind: Ungranted }

export interface TokenSource {
  /** The token that is there, of whatever age; undefined where none is, or its time is over. */
  known(ports: Ports): Grant | undefined
  /** A new one. While the endpoint is left alone this says at once why. */
  fetch(ports: Ports): Promise<Obtained>
  forget(ports: Ports): void
}

const REMEMBERED = 200
const TIMEOUT_MS = 5000
export const LEFT_ALONE_SECONDS = 2
const LONGEST_ANSWER_BYTES = 65_536

export function bindTokenSource(options: ClientCredentialsOptions, secret: Secret): TokenSource {
  const { tokenUrl, clientId, clientAuth = 'basic', scope = null, audience = null } = options
  const name = JSON.stringify([
    ...[tokenUrl, clientId, options.clientSecret.secret, clientAuth],
    ...[scope, audience],
  ])
  const flight = new SingleFlight<Obtained>(TIMEOUT_MS)
  const grants = ({ memories }: Ports) =>
    memories.of<Grant>('client-credentials:tokens', REMEMBERED)
  const failures = ({ memories }: Ports) =>
    memories.of<Ungranted>('client-credentials:failures', REMEMBERED)

  /** Remembers what came by itself: the request that began it may be gone by then. */
  async function ask(ports: Ports): Promise<Obtained> {
    const question = { clientId, clientSecret: secret.reveal(), clientAuth, scope, audience }
    const answer = await sendQuestion(ports, tokenUrl, describeTokenRequest(question))
    const now = ports.clock.now()
    if (answer.kind === 'granted') {
      const { token, gotAt, refreshAt, expiresAt } = answer
      grants(ports).set(name, { token, gotAt, refreshAt, expiresAt }, expiresAt)
      failures(ports).delete(name)
    } else failures(ports).set(name, answer.kind, now + LEFT_ALONE_SECONDS * 1000)
    return answer
  }

  return {
    known: (ports) => grants(ports).get(name, ports.clock.now()),
    forget: (ports) => grants(ports).delete(name),
    async fetch(ports) {
      const failure = failures(ports).get(name, ports.clock.now())
      if (failure !== undefined) return { kind: failure }
      const flown = await flight.fly(ports, () => ask(ports))
      return flown.kind === 'landed' ? flown.value : { kind: 'unreachable' }
    },
  }
}

async function sendQuestion(
  { network, timers, clock }: Ports,
  url: string,
  { headers, body }: ReturnType<typeof describeTokenRequest>,
): Promise<TokenAnswer> {
  const controller = new AbortController()
  const alarm = timers.after(TIMEOUT_MS)
  void alarm.done.then(() => controller.abort())
  const now = clock.now()
  const call: NetworkCall = {
    url,
    method: 'POST',
    headers,
    body: new TextEncoder().encode(body).buffer as ArrayBuffer,
    signal: controller.signal,
  }
  try {
    const response = await network.send(call)
    const bytes =
      response.body === null
        ? new ArrayBuffer(0)
        : await readUpTo(response.body, LONGEST_ANSWER_BYTES)
    if (bytes === null) return { kind: 'invalid' }
    return readTokenAnswer(response.status, new TextDecoder().decode(bytes), now)
  } catch {
    // Refused, reset, no such name, no secure connection, or not in time: the runtime tells little apart.
    return { kind: 'unreachable' }
  } finally {
    alarm.cancel()
  }
}
