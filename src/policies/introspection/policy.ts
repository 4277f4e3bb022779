/**
 * `introspection`: asks the authorization server whether a token is active (RFC 7662). What it says is kept for a
 * short time. Where it does not answer nobody is known, and nobody is refused as unknown: 503.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { askService } from '../../identity/ask-service.ts'
import { bindForward, reservedBy } from '../../identity/forward.ts'
import { readSecret } from '../../identity/read-secret.ts'
import { type Asked, askOnce } from '../../identity/remote-answers.ts'
import { bindTokenPlaces, nameOfPlaces } from '../../identity/token-places.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  CredentialPlace,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import { bindJudge, formEncode, type Introspected, keepMs, readAnswer } from './core.ts'
import type { IntrospectionOptions } from './schema.ts'

export const definition: PolicyDefinition<IntrospectionOptions> = {
  use: 'introspection',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by tokens that their server is asked about (OAuth 2.0).',
  bind: bindIntrospection,
  issuers: ({ issuer, url }) =>
    [issuer ?? hostOf(url)].flat().map((source) => `introspection:${source}`),
  reserves: ({ forward }) => reservedBy(forward),
}

const MEMORY = 'introspection:answers'
const DEFAULT_CACHE_SECONDS = 60
const DEFAULT_NEGATIVE_CACHE_SECONDS = 10
const DEFAULT_TIMEOUT_MS = 2_000
const RETRY_AFTER_SECONDS = 5
// Answers are a few hundred bytes; some servers add all that they know of a user.
const MAX_ANSWER_BYTES = 65_536
// As long as the longest header that most hosts take.
const MAX_TOKEN_LENGTH = 16_384

const invalid = refuse('CREDENTIALS_INVALID', {
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
})
const unavailable = refuse('IDENTITY_UNAVAILABLE', {
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
})

const bearer = { header: 'authorization', prefix: 'Bearer' }

function bindIntrospection(options: IntrospectionOptions, context: BindContext): Identify {
  const { url, clientId, scopes = [], passOn } = options
  const {
    cacheSeconds = DEFAULT_CACHE_SECONDS,
    negativeCacheSeconds = DEFAULT_NEGATIVE_CACHE_SECONDS,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  } = options
  const ask = bindAsk(options, context, timeoutMs)
  const read = bindTokenPlaces(options.from, bearer)
  const forward = bindForward(options.forward)
  const judge = bindJudge({
    issuers: options.issuer === undefined ? null : [options.issuer].flat(),
    audiences: options.audience === undefined ? null : [options.audience].flat(),
    scopes,
    consumerClaim: options.consumerClaim ?? 'sub',
    rolesClaim: options.rolesClaim ?? 'roles',
    scopesClaim: options.scopesClaim ?? 'scope',
    permissionsClaim: options.permissionsClaim ?? 'permissions',
    source: hostOf(url),
  })
  const insufficient = refuse('PERMISSION_DENIED', {
    headers: {
      'www-authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
  })

  async function verify(
    { ports }: Exchange,
    token: string,
    place: CredentialPlace,
  ): Promise<Authentication> {
    const asked = await askOnce<Introspected>(ports, {
      name: MEMORY,
      // Lifetimes too: what one policy may keep long another asks for again.
      parts: [url, clientId, cacheSeconds, negativeCacheSeconds, token],
      timeoutMs,
      async ask() {
        const answer = await ask(ports, token)
        if (typeof answer === 'string') return { kind: 'failed', reason: answer }
        const rules = { cacheSeconds, negativeCacheSeconds }
        return {
          kind: 'answered',
          value: answer,
          keepMs: keepMs(answer, ports.clock.now(), rules),
        } satisfies Asked<Introspected>
      },
    })
    if (asked.kind === 'failed') {
      return { kind: 'unavailable', refusal: unavailable, reason: asked.reason }
    }
    const verdict = judge(asked.value, Math.floor(ports.clock.now() / 1000))
    if (verdict.kind === 'refused') return refused(verdict.reason)
    if (verdict.kind === 'insufficient') return refused('scope-missing', insufficient)
    const claims = asked.value.kind === 'active' ? asked.value.claims : {}
    const { authority, subject, roles, permissions } = verdict
    const goesOn = passOn ?? place.in === 'header'
    return {
      kind: 'verified',
      caller: {
        authority,
        subject,
        claims,
        roles,
        scopes: verdict.scopes,
        permissions,
        consumer: null,
      },
      spent: goesOn ? [] : [place],
      forward: forward(claims),
    }
  }

  return {
    kind: 'identify',
    optional: options.optional ?? false,
    challenge: 'Bearer',
    reads: nameOfPlaces(options.from, bearer),
    authenticate: function introspection(exchange) {
      const found = read(exchange)
      if (found.kind === 'absent') return found
      if (found.kind === 'twice') return refused('token-twice')
      const { token, place } = found
      // Nobody is asked about what is no token (RFC 6750 §2.1, b64token and more).
      if (token === '' || token.length > MAX_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token)) {
        return refused('token-malformed')
      }
      return verify(exchange, token, place)
    },
  }
}

function refused(reason: string, refusal: Refusal = invalid): Authentication {
  return { kind: 'refused', refusal, reason }
}

/** Asks the endpoint about a token; a text says why there is no answer. */
function bindAsk(
  { url, clientId, clientSecret, clientAuth = 'basic' }: IntrospectionOptions,
  context: BindContext,
  timeoutMs: number,
): (ports: Exchange['ports'], token: string) => Promise<Introspected | string> {
  const secret = readSecret(context, `${context.pointer}/clientSecret`, clientSecret)
  const isBasic = clientAuth === 'basic'
  return async function ask(ports, token) {
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'isogate',
    }
    if (isBasic) {
      const pair = `${formEncode(clientId)}:${formEncode(secret.reveal())}`
      headers.authorization = `Basic ${btoa(pair)}`
    } else {
      form.set('client_id', clientId)
      form.set('client_secret', secret.reveal())
    }
    const body = new Uint8Array(new TextEncoder().encode(form.toString())).buffer
    const answer = await askService(ports, {
      binding: null,
      call: { url, method: 'POST', headers, body },
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
    })
    if (answer.kind === 'failed') return answer.reason
    const read = readAnswer(answer.status, answer.body)
    if (read !== null) return read
    return answer.status === 200 ? 'source-answer-malformed' : `source-status-${answer.status}`
  }
}

function hostOf(url: string): string {
  return new URL(url).host
}
