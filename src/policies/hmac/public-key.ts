/**
 * Tells from a public key in PEM which signature algorithms it serves, by the fixed beginnings of its DER (RFC
 * 5280 §4.1.2.7, RFC 5480, RFC 8410), so that a key of the wrong kind is a problem of the document. Pure.
 */

/** Names of RFC 9421 §3.3. */
export const publicAlgorithms = [
  'rsa-pss-sha512',
  'rsa-v1_5-sha256',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ed25519',
] as const
export type PublicAlgorithm = (typeof publicAlgorithms)[number]

/** SubjectPublicKeyInfo up to the key itself, in hex, and the length of the whole; null for any length. */
const shapes: readonly (readonly [RegExp, number | null, readonly PublicAlgorithm[]])[] = [
  [/^302a300506032b6570032100/, 44, ['ed25519']],
  [/^3059301306072a8648ce3d020106082a8648ce3d03010703420004/, 91, ['ecdsa-p256-sha256']],
  [/^3076301006072a8648ce3d020106052b8104002203620004/, 120, ['ecdsa-p384-sha384']],
  [/^3082....300d06092a864886f70d0101010500/, null, ['rsa-pss-sha512', 'rsa-v1_5-sha256']],
]

/** The algorithms of a key between `BEGIN PUBLIC KEY` lines; none where it is no such key. */
export function algorithmsOf(pem: string): readonly PublicAlgorithm[] {
  const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(
    pem,
  )?.[1]
  const hex = body === undefined ? '' : hexOfBase64(body.replace(/\s/g, ''))
  const shape = shapes.find(
    ([start, bytes]) => start.test(hex) && (bytes === null || hex.length === 2 * bytes),
  )
  return shape?.[2] ?? []
}

function hexOfBase64(base64: string): string {
  try {
    const bytes = Array.from(atob(base64), (character) => character.charCodeAt(0))
    return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  } catch {
    return ''
  }
}
