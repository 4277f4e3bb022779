/** `auth.sign`: a short-lived token by which a service knows the gateway, and whom it asks for. */
import { SignJWT } from 'jose'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { SignOptions } from '../../upstreams/http/auth-schema.ts'
import type { LoadedKey, SigningKey } from './key.ts'
import { refuseUnproven, type SignStep } from './step.ts'
import { describeCaller, type TokenWords } from './token-core.ts'

const REMEMBERED_TOKENS = 1000 // About a kilobyte each.
const DEFAULT_TTL_SECONDS = 60

export function bindToken(options: SignOptions, key: SigningKey): SignStep {
  const { issuer, audience, ttlSeconds = DEFAULT_TTL_SECONDS, claims = [] } = options
  const rules = { issuer, audience, claims }
  const field = options.header?.toLowerCase() ?? 'authorization'
  const scheme = field === 'authorization' ? 'Bearer ' : ''

  async function loadThenSign(exchange: Exchange, words: TokenWords): Promise<string | null> {
    const loaded = key.loaded ?? (await key.load())
    if (loaded === null) return null
    const token = await makeToken(exchange, words, { loaded, ttlSeconds })
    const now = exchange.ports.clock.now()
    remember(exchange).set(nameOf(loaded, ttlSeconds, words), token, now + ttlSeconds * 500)
    return token
  }

  return function signToken(call) {
    const { exchange, headers } = call
    const words = describeCaller(exchange.identity, exchange.route?.name ?? '*', rules)
    const known = findToken(exchange, words, { loaded: key.loaded, ttlSeconds })
    if (known !== undefined) {
      headers[field] = scheme + known
      return null
    }
    return loadThenSign(exchange, words).then((token) => {
      if (token === null) return refuseUnproven(exchange, 'key-unusable')
      headers[field] = scheme + token
      return null
    })
  }
}

interface Making<Key> {
  readonly loaded: Key
  readonly ttlSeconds: number
}

/** A token with the very same words that has more than half of its life before it. */
function findToken(
  exchange: Exchange,
  words: TokenWords,
  { loaded, ttlSeconds }: Making<LoadedKey | null>,
): string | undefined {
  if (loaded === null) return undefined
  const now = exchange.ports.clock.now()
  return remember(exchange).get(nameOf(loaded, ttlSeconds, words), now)
}

function remember({ ports }: Exchange) {
  return ports.memories.of<string>('sign:tokens', REMEMBERED_TOKENS)
}

/** All that is in a token but time and identifier: one caller never gets the token of another. */
function nameOf({ kid }: LoadedKey, ttlSeconds: number, words: TokenWords): string {
  return `${kid} ${ttlSeconds} ${JSON.stringify(words)}`
}

function makeToken(
  { ports }: Exchange,
  words: TokenWords,
  { loaded, ttlSeconds }: Making<LoadedKey>,
): Promise<string> {
  const issuedAt = Math.floor(ports.clock.now() / 1000)
  return new SignJWT({ ...words })
    .setProtectedHeader({ alg: loaded.algorithm, kid: loaded.kid, typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .setJti(ports.randomness.hex(16))
    .sign(loaded.privateKey)
}
