/**
 * Which private key a secret holds, told without importing it, so that a table can be judged when it is bound.
 * Ed25519 and P-256 as PKCS #8 (RFC 5958) in PEM, or as a JWK (RFC 7517). Pure.
 */

export type SigningAlgorithm = 'EdDSA' | 'ES256'

/** The members of a JWK that make a key, and no others. */
export interface PrivateJwk {
  readonly kty: string
  readonly crv: string
  readonly d: string
  readonly x: string
  readonly y?: string
}

export type KeyForm =
  | { readonly kind: 'pem'; readonly algorithm: SigningAlgorithm; readonly pem: string }
  | { readonly kind: 'jwk'; readonly algorithm: SigningAlgorithm; readonly jwk: PrivateJwk }

/** The key in the text of a secret; null where it is none of these. */
export function readKeyForm(secret: string): KeyForm | null {
  // Files of variables have no line breaks within a value: `\n` stands for them there.
  const text = secret.replaceAll('\\n', '\n').trim()
  return text.startsWith('{') ? readJwk(text) : readPem(text)
}

const armor = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/

function readPem(pem: string): KeyForm | null {
  const bytes = decode(armor.exec(pem)?.[1] ?? '')
  const algorithm = bytes === null ? null : algorithmOf(bytes)
  return algorithm === null ? null : { kind: 'pem', algorithm, pem }
}

function decode(base64: string): string | null {
  try {
    return atob(base64.replace(/\s/g, ''))
  } catch {
    return null
  }
}

/** SEQUENCE { INTEGER 0 or 1, AlgorithmIdentifier, …: by DER there is one way to write the beginning of each. */
function algorithmOf(bytes: string): SigningAlgorithm | null {
  const shown = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'))
  const { length } = shown
  // Both kinds are short enough for lengths of one byte, or of two with 0x81 before it.
  const isLong = shown[1] === '81'
  const stated = Number.parseInt(shown[isLong ? 2 : 1] ?? '', 16)
  const start = isLong ? 3 : 2
  if (shown[0] !== '30' || stated !== length - start) return null
  const rest = shown.slice(start).join('')
  // id-Ed25519 is 1.3.101.112, and the key has 32 bytes (RFC 8410 §7).
  if (/^02010[01]300506032b657004220420[0-9a-f]{64}/.test(rest)) return 'EdDSA'
  // id-ecPublicKey with the curve secp256r1 (RFC 5480 §2.1.1).
  if (/^02010[01]301306072a8648ce3d020106082a8648ce3d03010704/.test(rest)) return 'ES256'
  return null
}

type Members = Readonly<Record<string, unknown>>

function readJwk(text: string): KeyForm | null {
  const members = parse(text)
  if (members === null) return null
  const { kty, crv, d, x, y, alg, use } = members
  if (use !== undefined && use !== 'sig') return null
  if (!isCoordinate(d) || !isCoordinate(x)) return null
  if (kty === 'OKP' && crv === 'Ed25519' && isOneOf(alg, ['EdDSA', 'Ed25519'])) {
    return { kind: 'jwk', algorithm: 'EdDSA', jwk: { kty, crv, d, x } }
  }
  if (kty === 'EC' && crv === 'P-256' && isOneOf(alg, ['ES256']) && isCoordinate(y)) {
    return { kind: 'jwk', algorithm: 'ES256', jwk: { kty, crv, d, x, y } }
  }
  return null
}

function parse(text: string): Members | null {
  try {
    return JSON.parse(text) as Members
  } catch {
    return null
  }
}

function isOneOf(alg: unknown, names: readonly string[]): boolean {
  return alg === undefined || names.includes(alg as string)
}

/** 32 bytes as base64url without padding: both curves have no other size. */
function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}
