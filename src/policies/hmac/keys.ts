/** The keys of a policy: prepared once for Web Crypto, on the first signature that names them. */

import { importSPKI } from 'jose'
import { bytesOfBase64 } from '../../http/base64.ts'
import type { Secret } from '../../http/secret.ts'
import type { PublicAlgorithm } from './public-key.ts'

/** Whether these bytes are this key's signature over the text; `unusable` where the key itself is none. */
export type Verify = (
  signature: Uint8Array<ArrayBuffer>,
  base: string,
) => Promise<'right' | 'wrong' | 'unusable'>

interface Scheme {
  /** The name under which jose imports a key of this algorithm. */
  readonly jose: string
  readonly parameters: Exclude<Parameters<SubtleCrypto['verify']>[0], string>
}

const schemes: Readonly<Record<PublicAlgorithm, Scheme>> = {
  // A salt of 64 bytes (RFC 9421 §3.3.1).
  'rsa-pss-sha512': { jose: 'PS512', parameters: { name: 'RSA-PSS', saltLength: 64 } },
  'rsa-v1_5-sha256': { jose: 'RS256', parameters: { name: 'RSASSA-PKCS1-v1_5' } },
  'ecdsa-p256-sha256': { jose: 'ES256', parameters: { name: 'ECDSA', hash: 'SHA-256' } },
  'ecdsa-p384-sha384': { jose: 'ES384', parameters: { name: 'ECDSA', hash: 'SHA-384' } },
  ed25519: { jose: 'EdDSA', parameters: { name: 'Ed25519' } },
}

export function bindPublicKey(algorithm: PublicAlgorithm, pem: string): Verify {
  const { jose, parameters } = schemes[algorithm]
  return bindVerify(parameters, () => importSPKI(pem, jose))
}

export function bindSharedSecret(bytes: Uint8Array<ArrayBuffer>): Verify {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return bindVerify(hmac, () => crypto.subtle.importKey('raw', bytes, hmac, false, ['verify']))
}

/** The bytes of a secret's value; null where it is not Base64, or empty. */
export function secretBytes(
  secret: Secret,
  encoding: 'text' | 'base64',
): Uint8Array<ArrayBuffer> | null {
  const value = secret.reveal()
  const bytes =
    encoding === 'text'
      ? new Uint8Array(new TextEncoder().encode(value))
      : bytesOfBase64(value.trim())
  return bytes === null || bytes.length === 0 ? null : bytes
}

function bindVerify(parameters: Scheme['parameters'], load: () => Promise<CryptoKey>): Verify {
  // A key, never a promise of one: that would belong to the request which began it.
  let key: CryptoKey | null = null
  return async function verify(signature, base) {
    try {
      key ??= await load()
    } catch {
      // It has the form of a key, and a point that is not on the curve, or the like.
      return 'unusable'
    }
    try {
      const bytes = new TextEncoder().encode(base)
      return (await crypto.subtle.verify(parameters, key, signature, bytes)) ? 'right' : 'wrong'
    } catch {
      // Runtimes differ on signatures that have not even the right length: some throw.
      return 'wrong'
    }
  }
}
