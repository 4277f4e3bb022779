/** An issuer of tokens for tests: its keys are made anew, and it signs what it is told. */
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Ports, Responses } from '../../src/platform/ports.ts'

export interface TestIssuer {
  readonly alg: string
  readonly kid: string
  /** The public key, with `kid`, `alg` and `use`. */
  readonly jwk: JWK
  /** The public key in PEM. */
  readonly spki: string
  readonly privateKey: CryptoKey
  /** A token with these claims; `header` adds to `alg` and `kid`, or replaces them. */
  sign(claims: object, header?: object): Promise<string>
}

export async function makeIssuer(alg = 'ES256', kid = `${alg}-1`): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return {
    alg,
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    spki: await exportSPKI(publicKey),
    privateKey,
    sign: (claims, header = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey, { crit: { 'urn:test': false } }),
  }
}

/** A Cache API in memory, and what was put there. */
export function makeResponses(): Responses & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    get: async (key) => texts.get(key) ?? null,
    put: async (key, text) => void texts.set(key, text),
  }
}

/** A network of JSON documents by URL; a document that is a function is asked each time. */
export function makeNetwork(documents: Readonly<Record<string, unknown>>): Ports['network'] & {
  readonly urls: string[]
} {
  const urls: string[] = []
  return {
    urls,
    async send({ url }) {
      urls.push(url)
      const document = documents[url]
      const found = typeof document === 'function' ? await document() : document
      if (found instanceof Response) return found
      if (found === undefined) throw new Error(`nothing answers at ${url}`)
      return Response.json(found)
    },
    sendTo: (binding) => Promise.reject(new Error(`no binding ${binding}`)),
  }
}
