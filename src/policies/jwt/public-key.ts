/**
 * Tells of which type the public key of a PEM is (RFC 7468, RFC 5480, RFC 8410), so that a key that cannot verify
 * is a problem of the document. Importing it is for `jose`. Pure.
 */

const PEM = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** The object identifiers at the head of a SubjectPublicKeyInfo, in hex, and what such keys verify. */
const types: readonly (readonly [string, readonly string[]])[] = [
  ['06092a864886f70d010101', RSA],
  ['06072a8648ce3d020106082a8648ce3d030107', ['ES256']],
  ['06072a8648ce3d020106052b81040022', ['ES384']],
  ['06072a8648ce3d020106052b81040023', ['ES512']],
  ['06032b6570', ['EdDSA', 'Ed25519']],
]

/** The algorithms of a key, or null where the text is no public key that is known here. */
export function algorithmsOfPublicKey(pem: string): readonly string[] | null {
  const head = headOf(pem)
  if (head === null) return null
  // A SEQUENCE in a SEQUENCE, of which the identifier is the first part.
  const found = types.find(([identifier]) => {
    const at = head.indexOf(identifier)
    return head.startsWith('30') && at > 0 && at <= 20
  })
  return found?.[1] ?? null
}

/** A name for the key that other keys do not have: the end of its encoding, which is all key. */
export function nameOfPublicKey(pem: string): string {
  return `key:${(PEM.exec(pem)?.[1] ?? pem).replace(/\s/g, '').slice(-48)}`
}

/** The first bytes in hex. */
function headOf(pem: string): string | null {
  const base64 = PEM.exec(pem)?.[1]?.replace(/\s/g, '')
  if (base64 === undefined) return null
  try {
    const bytes = atob(base64)
    const head = Array.from(bytes.slice(0, 40), (byte) => byte.charCodeAt(0))
    return head.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  } catch {
    return null
  }
}
