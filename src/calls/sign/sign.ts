/** Binds `auth` of an upstream: the slot between balance and send. Keys are judged here, once per table. */
import type { Fields } from '../../http/headers.ts'
import { Secret } from '../../http/secret.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { BindScope } from '../../pipeline/policy.ts'
import type { SecretRef } from '../../schema/atoms.ts'
import type {
  AuthOptions,
  SignatureOptions,
  SignOptions,
} from '../../upstreams/http/auth-schema.ts'
import type { Send } from '../call.ts'
import { bindAwsSigV4, dropClientFields } from './aws-sig-v4.ts'
import { bindClientCredentials } from './client-credentials.ts'
import { bindKey, type SigningKey } from './key.ts'
import { type KeyForm, readKeyForm } from './key-form.ts'
import { bindSignature, type SignBytes } from './signature.ts'
import { bindStep, type SignStep } from './step.ts'
import { bindToken } from './token.ts'
import { bindTokenSource } from './token-source.ts'

export interface BoundAuth {
  /** Takes out what a client may not say to a service that believes the gateway; runs before the upstream's own `headers`. */
  readonly guard: ((headers: Fields, exchange: Exchange) => void) | null
  /** Puts the signing in front of a send. */
  around(next: Send): Send
}

/** `scope` is that of the `auth` object. */
export function bindAuth(options: AuthOptions, scope: BindScope): BoundAuth {
  const { sign, signature, clientCredentials, awsSigV4 } = options
  if (sign !== undefined)
    return stepAuth(bindToken(sign, bindSigningKeys(sign, within(scope, 'sign'))))
  if (signature !== undefined) {
    return stepAuth(bindSignature(signature, bindSigner(signature, within(scope, 'signature'))))
  }
  if (clientCredentials !== undefined) {
    const own = within(scope, 'clientCredentials')
    const secret = needSecret(own, 'clientSecret', clientCredentials.clientSecret)
    const source = bindTokenSource(clientCredentials, secret)
    return { guard: null, around: (next) => bindClientCredentials(source, next) }
  }
  if (awsSigV4 === undefined) throw new Error(`${scope.pointer} has no kind`)
  const own = within(scope, 'awsSigV4')
  const { accessKeyId, secretAccessKey, sessionToken } = awsSigV4
  const step = bindAwsSigV4(awsSigV4, {
    accessKeyId:
      typeof accessKeyId === 'string'
        ? new Secret(accessKeyId)
        : needSecret(own, 'accessKeyId', accessKeyId),
    secretAccessKey: needSecret(own, 'secretAccessKey', secretAccessKey),
    sessionToken: sessionToken === undefined ? null : needSecret(own, 'sessionToken', sessionToken),
  })
  return { ...stepAuth(step), guard: dropClientFields }
}

function stepAuth(step: SignStep): BoundAuth {
  return { guard: null, around: (next) => bindStep(step, next) }
}

function within(scope: BindScope, key: string): BindScope {
  return { ...scope, pointer: `${scope.pointer}/${key}` }
}

/** The secrets of an upstream whose `sign` names none. */
export const DEFAULT_KEY = 'SIGNING_KEY'
export const DEFAULT_NEXT_KEY = 'SIGNING_KEY_NEXT'

/** The key that signs. The next one is looked at as well: a bad one is better found before it is needed. */
function bindSigningKeys(options: SignOptions, scope: BindScope): SigningKey {
  const { key = { secret: DEFAULT_KEY }, nextKey } = options
  if (nextKey !== undefined) needKey(scope, 'nextKey', nextKey)
  else if (options.key === undefined && scope.environment.secret(DEFAULT_NEXT_KEY) !== undefined) {
    needKey(scope, 'nextKey', { secret: DEFAULT_NEXT_KEY })
  }
  return bindKeyOrNone(needKey(scope, 'key', key))
}

const algorithms = { ed25519: 'EdDSA', 'ecdsa-p256-sha256': 'ES256' } as const

const parameters = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256-sha256': { name: 'ECDSA', hash: 'SHA-256' },
} as const

function bindSigner(options: SignatureOptions, scope: BindScope): SignBytes {
  const { algorithm, key: ref } = options
  if (algorithm === 'hmac-sha256') return bindHmac(needFilled(scope, 'key', ref))
  const form = needKey(scope, 'key', ref)
  if (form !== null && form.algorithm !== algorithms[algorithm]) {
    const wanted = `that is a private key for ${algorithm}`
    scope.missing(`${scope.pointer}/key`, 'SECRET_INVALID', ref.secret, wanted)
  }
  const key = bindKeyOrNone(form)
  return async function signBytes(bytes) {
    const loaded = await key.load()
    if (loaded === null) return null
    return crypto.subtle.sign(parameters[algorithm], loaded.privateKey, bytes)
  }
}

function bindHmac(secret: Secret): SignBytes {
  let key: CryptoKey | null = null
  return async function signBytes(bytes) {
    key ??= await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret.reveal()),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    return crypto.subtle.sign('HMAC', key, bytes)
  }
}

/** Stands where the key is missing: the route is out of service, and nothing is sent unsigned all the same. */
const noKey: SigningKey = { loaded: null, load: async () => null }

function bindKeyOrNone(form: KeyForm | null): SigningKey {
  return form === null ? noKey : bindKey(form)
}

function needSecret(scope: BindScope, field: string, ref: SecretRef): Secret {
  const value = scope.environment.secret(ref.secret)
  if (value === undefined) scope.missing(`${scope.pointer}/${field}`, 'SECRET_MISSING', ref.secret)
  return new Secret(`${ref.prefix ?? ''}${value ?? ''}`)
}

/** An HMAC of no key is one that anyone can make. */
function needFilled(scope: BindScope, field: string, ref: SecretRef): Secret {
  const secret = needSecret(scope, field, ref)
  const isThere = scope.environment.secret(ref.secret) !== undefined
  if (isThere && secret.reveal() === '') {
    scope.missing(`${scope.pointer}/${field}`, 'SECRET_INVALID', ref.secret, 'that is not empty')
  }
  return secret
}

function needKey(scope: BindScope, field: string, ref: SecretRef): KeyForm | null {
  const text = scope.environment.secret(ref.secret)
  if (text === undefined) {
    scope.missing(`${scope.pointer}/${field}`, 'SECRET_MISSING', ref.secret)
    return null
  }
  const form = readKeyForm(text)
  if (form === null) {
    const wanted = 'that is a private key in PKCS #8 or a JWK'
    scope.missing(`${scope.pointer}/${field}`, 'SECRET_INVALID', ref.secret, wanted)
  }
  return form
}
