/** The text that a signature of the request covers, and the fields that tell of it (RFC 9421 §2.3, §4). Pure. */
import { base64Of } from '../../http/base64.ts'
import { componentValue, type SignableRequest, signatureBase } from '../../http/signature-base.ts'

export type SignatureAlgorithm = 'hmac-sha256' | 'ed25519' | 'ecdsa-p256-sha256'

export interface SignatureRules {
  readonly algorithm: SignatureAlgorithm
  readonly keyId: string
  readonly components: readonly string[]
}

/** What differs from one signature to the next. */
export interface Moment {
  readonly createdSeconds: number
  readonly nonce: string
}

export interface UnsignedMessage {
  readonly base: string
  /** The member of Signature-Input. */
  readonly params: string
}

/** The gateway's label within the dictionaries of Signature and Signature-Input. */
export const SIGNATURE_LABEL = 'isogate'

/** A component that the request lacks is not covered: the service says which ones it insists on. */
export function describeSignature(
  request: SignableRequest,
  { algorithm, keyId, components }: SignatureRules,
  { createdSeconds, nonce }: Moment,
): UnsignedMessage {
  const covered = components.flatMap((name) => {
    const value = componentValue(name, request)
    return value === null ? [] : [{ identifier: `"${name}"`, value }]
  })
  const list = covered.map(({ identifier }) => identifier).join(' ')
  const params = `(${list});created=${createdSeconds};nonce="${nonce}";keyid="${keyId}";alg="${algorithm}"`
  return { base: signatureBase(covered, params), params }
}

/** The two fields of a signed request; bytes are base64 between colons (RFC 9651 §3.3.5). */
export function signatureFields(
  { params }: UnsignedMessage,
  signature: Uint8Array,
): { readonly 'signature-input': string; readonly signature: string } {
  return {
    'signature-input': `${SIGNATURE_LABEL}=${params}`,
    signature: `${SIGNATURE_LABEL}=${byteSequence(signature)}`,
  }
}

/** The value of Content-Digest (RFC 9530 §2) for a SHA-256. */
export function digestField(sha256: Uint8Array): string {
  return `sha-256=${byteSequence(sha256)}`
}

function byteSequence(bytes: Uint8Array): string {
  return `:${base64Of(bytes)}:`
}
