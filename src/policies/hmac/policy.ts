/**
 * `hmac`: verifies HTTP Message Signatures (RFC 9421). What costs least is asked first: fields, clock and coverage,
 * then the signature, and only for a caller who is known the body and its digest.
 */
import { type Refusal, refuse } from '../../errors/refusal.ts'
import { statedDigests } from '../../http/digest.ts'
import type { SignableRequest } from '../../http/signature-base.ts'
import { isEqual } from '../../identity/equal.ts'
import { readSecret } from '../../identity/read-secret.ts'
import { hasBody, takeBody } from '../../identity/take-body.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type {
  Authentication,
  BindContext,
  CredentialPlace,
  Identify,
  PolicyDefinition,
} from '../../pipeline/policy.ts'
import {
  baseOf,
  MAX_SIGNATURES,
  objectionTo,
  parseSignatures,
  replayableUntil,
  type Signature,
  type SignatureRules,
  wholeComponents,
} from './core.ts'
import { bindPublicKey, bindSharedSecret, secretBytes, type Verify } from './keys.ts'
import { isFirstUse } from './replay.ts'
import type { Algorithm, HmacOptions } from './schema.ts'

export const definition: PolicyDefinition<HmacOptions> = {
  use: 'hmac',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by their signature of the request.',
  bind: bindHmac,
}

const DEFAULT_MAX_AGE_SECONDS = 300
const DEFAULT_TOLERANCE_SECONDS = 5
const DEFAULT_BODY_LIMIT_BYTES = 1_048_576

// No scheme is registered for message signatures; RFC 9110 §11.6.1 wants a challenge with each 401.
const CHALLENGE = 'Signature'
const invalid = refuse('CREDENTIALS_INVALID', { headers: { 'www-authenticate': CHALLENGE } })

const unusable = refuse('ROUTE_UNAVAILABLE')

const places: readonly CredentialPlace[] = [
  { in: 'header', name: 'signature' },
  { in: 'header', name: 'signature-input' },
]

interface Key {
  readonly algorithm: Algorithm
  readonly consumer: string | null
  readonly verify: Verify
}

function refused(reason: string, refusal: Refusal = invalid): Authentication {
  return { kind: 'refused', refusal, reason }
}

function bindHmac(options: HmacOptions, context: BindContext): Identify {
  const keys = bindKeys(options.keys, context)
  const limitBytes = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES
  const rules: SignatureRules = {
    components: options.components ?? null,
    maxAgeSeconds: options.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS,
    clockToleranceSeconds: options.clockToleranceSeconds ?? DEFAULT_TOLERANCE_SECONDS,
    needsNonce: options.nonce === 'required',
  }

  async function verifyAny(
    exchange: Exchange,
    signatures: readonly Signature[],
  ): Promise<Authentication> {
    // Another hop may have signed as well, with a key that is not ours to know.
    const ours = signatures.filter(
      ({ keyId, tag }) => keys.has(keyId) && (options.tag === undefined || tag === options.tag),
    )
    let last = refused(signatures.length === 0 ? 'signature-malformed' : 'signature-key-unknown')
    for (const signature of ours.slice(0, MAX_SIGNATURES)) {
      last = await verifyOne(exchange, signature, keys.get(signature.keyId) as Key)
      if (last.kind === 'verified') return last
    }
    return last
  }

  async function verifyOne(
    exchange: Exchange,
    signature: Signature,
    key: Key,
  ): Promise<Authentication> {
    const { algorithm } = signature
    if (algorithm !== null && algorithm !== key.algorithm) {
      return refused('signature-algorithm-not-allowed')
    }
    const nowSeconds = Math.floor(exchange.ports.clock.now() / 1000)
    const objection = objectionTo(signature, rules, { nowSeconds, hasBody: hasBody(exchange) })
    if (objection !== null) return refused(objection)
    const base = baseOf(signature, signable(exchange, options.scheme))
    if (base === null) return refused('signature-component-missing')
    const verdict = await key.verify(signature.signature, base)
    if (verdict === 'unusable') {
      return { kind: 'unavailable', refusal: unusable, reason: 'signature-key-unusable' }
    }
    if (verdict === 'wrong') return refused('signature-wrong')
    if (wholeComponents(signature).has('content-digest')) {
      const wrong = await judgeDigest(exchange, limitBytes)
      if (wrong !== null) return wrong
    }
    const { keyId, nonce } = signature
    if (nonce !== null) {
      const untilSeconds = replayableUntil(signature, rules)
      const isFirst = await isFirstUse(exchange.ports, { keyId, nonce, untilSeconds })
      if (!isFirst) return refused('signature-replayed')
    }
    const subject = key.consumer ?? keyId
    return {
      kind: 'verified',
      caller: {
        authority: 'hmac',
        subject,
        claims: { sub: subject, keyid: keyId },
        roles: [],
        scopes: [],
        permissions: [],
        consumer: key.consumer,
      },
      spent: options.passOn === true ? [] : places,
      forward: {},
    }
  }

  return {
    kind: 'identify',
    optional: options.optional ?? false,
    challenge: CHALLENGE,
    authenticate: function hmac(exchange) {
      const { signature, 'signature-input': input } = exchange.received
      if (input === undefined && signature === undefined) return { kind: 'absent' }
      const signatures =
        input === undefined || signature === undefined ? null : parseSignatures(input, signature)
      if (signatures === null) return refused('signature-malformed')
      return verifyAny(exchange, signatures)
    },
  }
}

function bindKeys(keys: HmacOptions['keys'], context: BindContext): ReadonlyMap<string, Key> {
  return new Map(
    Object.entries(keys).map(([keyId, spec]) => {
      const { algorithm, consumer = null } = spec
      const pointer = `${context.pointer}/keys/${keyId.replaceAll('~', '~0').replaceAll('/', '~1')}`
      return [keyId, { algorithm, consumer, verify: bindKey(spec, pointer, context) }] as const
    }),
  )
}

function bindKey(
  { algorithm, secret, encoding = 'text', publicKey }: HmacOptions['keys'][string],
  pointer: string,
  context: BindContext,
): Verify {
  if (algorithm !== 'hmac-sha256') return bindPublicKey(algorithm, publicKey ?? '')
  // The schema has made sure that there is one.
  const ref = secret as NonNullable<typeof secret>
  const value = readSecret(context, `${pointer}/secret`, ref)
  const bytes = secretBytes(value, encoding)
  if (bytes !== null) return bindSharedSecret(bytes)
  if (value.reveal() !== '') {
    context.missing(`${pointer}/secret`, 'SECRET_INVALID', ref.secret, `in ${encoding}`)
  }
  return () => Promise.resolve('unusable')
}

/** The request as its signer saw it: the target as it was sent, before it was normalized for matching. */
function signable(
  { request, method, target, received }: Exchange,
  scheme: 'http' | 'https' | undefined,
): SignableRequest {
  const from = target.scheme.length + '://'.length + target.authority.length
  const mark = request.url.indexOf('?', from)
  const path = request.url.slice(from, mark === -1 ? undefined : mark)
  return {
    method,
    scheme: scheme ?? target.scheme,
    authority: target.authority,
    path: path === '' ? '/' : path,
    query: target.query,
    headers: received,
  }
}

/** Null where every digest that is stated is that of the body, and one at least is. */
async function judgeDigest(exchange: Exchange, limitBytes: number): Promise<Authentication | null> {
  const stated = statedDigests(exchange.received['content-digest'] ?? '')
  if (stated.length === 0) return refused('content-digest-unusable')
  const bytes = await takeBody(exchange, limitBytes)
  if (bytes === null) {
    const members = { limitBytes }
    return refused('body-too-large', refuse('BODY_TOO_LARGE', { members }))
  }
  for (const { algorithm, digest } of stated) {
    const actual = new Uint8Array(await crypto.subtle.digest(algorithm, bytes))
    if (!isEqual(actual, digest)) return refused('content-digest-wrong')
  }
  return null
}
