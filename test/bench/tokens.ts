/** Keys and tokens of the identity cases: made when first asked for, the same for all contestants of a run. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { TOKEN_CAPACITY } from '../../src/identity/token-memory.ts'

export type BenchAlgorithm = 'RS256' | 'ES256'

export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'bench'

/** More than an isolate remembers: when one comes again it has been forgotten, so that each is a first one. */
const NEW_TOKENS = Math.ceil(TOKEN_CAPACITY * 1.2)

interface Keys {
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
}

const keys = new Map<BenchAlgorithm, Keys>()
const tokens = new Map<string, readonly string[]>()

/** The public keys of both algorithms: what gateway and Workers verify with. */
export function keySet() {
  return { keys: [keysOf('RS256').jwk, keysOf('ES256').jwk] }
}

/** One token, or so many that each is new to whoever gets them in turn. */
export function tokensOf(algorithm: BenchAlgorithm, which: 'one' | 'new'): readonly string[] {
  const name = `${algorithm} ${which}`
  const made =
    tokens.get(name) ??
    Array.from({ length: which === 'one' ? 1 : NEW_TOKENS }, (_, index) => sign(algorithm, index))
  tokens.set(name, made)
  return made
}

/** With the claims that a token of an API usually has. */
function sign(algorithm: BenchAlgorithm, index: number): string {
  const { privateKey } = keysOf(algorithm)
  const claims = { email: `user-${index}@example.com`, scope: 'read write', roles: ['reader'] }
  return jsonwebtoken.sign(claims, privateKey, {
    algorithm,
    keyid: algorithm,
    issuer: ISSUER,
    audience: AUDIENCE,
    subject: `user-${index}`,
    jwtid: `${index}`,
    expiresIn: '1d',
  })
}

function keysOf(algorithm: BenchAlgorithm): Keys {
  const known = keys.get(algorithm)
  if (known !== undefined) return known
  const { privateKey, publicKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: algorithm, alg: algorithm, use: 'sig' }
  const made = { privateKey, jwk }
  keys.set(algorithm, made)
  return made
}
