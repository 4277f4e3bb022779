/** The signature algorithms that tokens may have (RFC 7518 §3.1, RFC 8037, RFC 9864). `none` is not among them. */

/** Those of public keys. */
export const publicKeyAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** Those of a shared secret. */
export const hmacAlgorithms = ['HS256', 'HS384', 'HS512'] as const

export type HmacAlgorithm = (typeof hmacAlgorithms)[number]

export function isHmac(algorithm: unknown): algorithm is HmacAlgorithm {
  return hmacAlgorithms.some((one) => one === algorithm)
}

/** Bytes of the hash: a key may not be shorter (RFC 7518 §3.2). */
export function leastSecretBytes(algorithm: HmacAlgorithm): number {
  return Number(algorithm.slice(2)) / 8
}
