/**
 * Tokens of the demo, as an identity provider makes them: `GET /keys` (a JWK set), `GET /tokens/:userId`. The key
 * lives as long as the process: outside the demo these tokens are worth nothing.
 */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { demoPorts } from './ports.ts'
import { type DemoRoutes, missing } from './serve.ts'

const issuer = `http://127.0.0.1:${demoPorts.users}`
const audience = 'shop'
// Long enough for a terminal that was left open.
const LIFE_SECONDS = 7 * 24 * 60 * 60

/** The routes that a service has for it to know its users by. */
export function tokenRoutes(isUser: (userId: string) => boolean): DemoRoutes {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = randomUUID().slice(0, 8)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  const tokenOf = (userId: string) => {
    const exp = Math.floor(Date.now() / 1000) + LIFE_SECONDS
    const head = part({ alg: 'EdDSA', kid })
    const signed = `${head}.${part({ iss: issuer, aud: audience, sub: userId, exp })}`
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
  }

  return {
    'GET /keys': () => ({ json: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] } }),
    'GET /tokens/:userId': ({ params }) =>
      isUser(params.userId!) ? { text: tokenOf(params.userId!) } : missing(`user ${params.userId}`),
  }
}
