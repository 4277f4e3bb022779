/**
 * `external-auth`: asks a service of the operator's own who may pass (forward-auth). It sees the head of the
 * request, and says yes, with fields for the upstream, or no, with an answer for the client.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { isStrippedInbound } from '../../http/stripped.ts'
import { askService } from '../../identity/ask-service.ts'
import { type AnswerPorts, type Asked, askOnce } from '../../identity/remote-answers.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import { bindTemplate } from '../../template/template.ts'
import { type AnswerFields, type Decision, isKeepable, readDecision } from './core.ts'
import type { ExternalAuthOptions } from './schema.ts'

export const definition: PolicyDefinition<ExternalAuthOptions> = {
  use: 'external-auth',
  stage: 'identify',
  arity: 'one',
  summary: 'Lets a service of your own say who may pass.',
  bind: bindExternalAuth,
  issuers: ({ url, subjectHeader }) =>
    subjectHeader === undefined ? [] : [authorityOf(parseUrl(url))],
  reserves: ({ responseHeaders = [] }) => lower(responseHeaders),
}

const MEMORY = 'external-auth:answers'
const DEFAULT_TIMEOUT_MS = 2_000
const DEFAULT_BODY_LIMIT_BYTES = 65_536
const RETRY_AFTER_SECONDS = 5

const defaultRequestHeaders = ['authorization', 'cookie']
const defaultRefusalHeaders = [
  'content-type',
  'location',
  'www-authenticate',
  'set-cookie',
  'cache-control',
  'retry-after',
]

// Never sent: the service is asked about every request, so that no credential is ever missing here.
const CHALLENGE = 'External'

const unavailable = refuse('IDENTITY_UNAVAILABLE', {
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
})

type Denied = Extract<Decision, { kind: 'denied' }>

function bindExternalAuth(options: ExternalAuthOptions, context: BindContext): Identify {
  const address = parseUrl(options.url)
  const { binding } = address
  if (binding !== null && context.environment.service(binding) !== 'present') {
    context.missing(`${context.pointer}/url`, 'SERVICE_MISSING', binding)
  }
  const authority = authorityOf(address)
  const { refusal = 'service', onStoreFault = 'deny' } = options
  const ask = bindAsk(options, address)
  const keyOf = bindKey(options)

  async function decide(exchange: Exchange): Promise<Decision> {
    const { ports } = exchange
    const key = keyOf(exchange)
    if (key === null) return ask(exchange, ports)
    const asked = await askOnce<Decision>(ports, {
      name: MEMORY,
      parts: key,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ask: async () => keep(await ask(exchange, ports), options),
    })
    return asked.kind === 'answered' ? asked.value : asked
  }

  function conclude(decision: Decision): Authentication {
    switch (decision.kind) {
      case 'allowed':
        return allowed(decision, authority)
      case 'denied':
        return refusal === 'service' && decision.body !== null
          ? { ...denied(decision), answer: answerOf(decision) }
          : denied(decision)
      case 'failed':
        if (onStoreFault === 'deny') {
          return { kind: 'unavailable', refusal: unavailable, reason: decision.reason }
        }
        return { kind: 'admitted', reason: decision.reason, spent: [], forward: {} }
    }
  }

  return {
    kind: 'identify',
    optional: false,
    challenge: CHALLENGE,
    authenticate: async function externalAuth(exchange) {
      return conclude(await decide(exchange))
    },
  }
}

/** Without a name the caller stays anonymous: all who have none are not one caller. */
function allowed(
  { subject, forward }: Extract<Decision, { kind: 'allowed' }>,
  authority: string,
): Authentication {
  if (subject === null) return { kind: 'admitted', spent: [], forward }
  return {
    kind: 'verified',
    caller: {
      authority,
      subject,
      claims: { sub: subject },
      roles: [],
      scopes: [],
      permissions: [],
      consumer: null,
    },
    spent: [],
    forward,
  }
}

/** 403 says that the caller is known and may not; everything else asks for other credentials. */
function denied({ status, headers }: Denied): Extract<Authentication, { kind: 'refused' }> {
  const challenge = headers.find(([name]) => name === 'www-authenticate')?.[1] ?? CHALLENGE
  const refusal: Refusal =
    status === 403
      ? refuse('PERMISSION_DENIED')
      : refuse('CREDENTIALS_INVALID', { headers: { 'www-authenticate': challenge } })
  return { kind: 'refused', refusal, reason: `service-status-${status}` }
}

/** The answer of the service itself, made anew for each request. */
function answerOf({ status, headers, body }: Denied): Response {
  const bytes = Uint8Array.from(atob(body ?? ''), (character) => character.charCodeAt(0))
  const fields = new Headers()
  for (const [name, value] of headers) fields.append(name, value)
  // A refusal is for this caller alone, unless the service says otherwise.
  if (!fields.has('cache-control')) fields.set('cache-control', 'no-store')
  return new Response(hasNoBody(status) || bytes.length === 0 ? null : bytes, {
    status,
    headers: fields,
  })
}

/** Statuses with which a Response takes no body (Fetch standard, "null body status"). */
function hasNoBody(status: number): boolean {
  return status === 304
}

function keep(decision: Decision, options: ExternalAuthOptions): Asked<Decision> {
  if (decision.kind === 'failed') return decision
  const { cacheSeconds = 0, negativeCacheSeconds = 0 } = options
  const seconds = decision.kind === 'allowed' ? cacheSeconds : negativeCacheSeconds
  return {
    kind: 'answered',
    value: decision,
    keepMs: isKeepable(decision) ? seconds * 1000 : 0,
  }
}

/** All that tells one kept answer from another; null where none is kept for this request. */
function bindKey(options: ExternalAuthOptions): (exchange: Exchange) => readonly unknown[] | null {
  const { cacheKey, name: _name, mode: _mode, when: _when, ...own } = options
  if (cacheKey === undefined) return () => null
  const templates = cacheKey.map((text) => bindTemplate(text, 'plain'))
  const policy = JSON.stringify(own)
  return function keyOf(exchange) {
    const values = templates.map((template) => template.render(exchange))
    return values.every((value) => value === '') ? null : [policy, cacheKey, values]
  }
}

function bindAsk(
  options: ExternalAuthOptions,
  { binding, url }: ServiceAddress,
): (exchange: Exchange, ports: AnswerPorts) => Promise<Decision> {
  const { method = 'GET', timeoutMs = DEFAULT_TIMEOUT_MS } = options
  // What only the gateway may say of a request is not taken from the client, whoever asks for it.
  const sent = lower(options.requestHeaders ?? defaultRequestHeaders).filter(
    (name) => !isStrippedInbound(name),
  )
  const fields: AnswerFields = {
    responseHeaders: lower(options.responseHeaders ?? []),
    subjectHeader: options.subjectHeader?.toLowerCase() ?? null,
    refusalHeaders: lower(options.refusalHeaders ?? defaultRefusalHeaders),
  }
  const maxBytes = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES
  return async function ask(exchange, ports) {
    const answer = await askService(ports, {
      binding,
      call: { url, method, headers: headersFor(exchange, sent), body: null },
      timeoutMs,
      maxBytes,
    })
    return answer.kind === 'failed' ? answer : readDecision(answer, fields)
  }
}

/** The chosen fields, and what is asked about, under the names that Traefik and others use. */
function headersFor(
  { received, outgoing, method, target, client, id }: Exchange,
  names: readonly string[],
): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'isogate' }
  for (const name of names) {
    const value = received[name]
    if (value !== undefined) headers[name] = value
  }
  const { traceparent } = outgoing.headers
  if (traceparent !== undefined) headers.traceparent = traceparent
  if (client.address !== null) headers['x-forwarded-for'] = client.address
  headers['x-forwarded-method'] = method
  headers['x-forwarded-proto'] = target.scheme
  headers['x-forwarded-host'] = target.authority
  headers['x-forwarded-uri'] = target.path + target.query
  headers['x-request-id'] = id
  return headers
}

interface ServiceAddress {
  readonly binding: string | null
  readonly host: string
  readonly url: string
}

/** A binding has no address of its own: its name stands for the host (RFC 6761 §6.4, `invalid`). */
function parseUrl(written: string): ServiceAddress {
  const [, name, rest = ''] = /^binding:\/\/([^/?]+)(.*)$/.exec(written) ?? []
  if (name === undefined) return { binding: null, host: new URL(written).host, url: written }
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return { binding: name, host: name, url: `http://${name.toLowerCase()}.invalid${path}` }
}

function authorityOf({ host }: ServiceAddress): string {
  return `external:${host}`
}

function lower(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase())
}
