/**
 * What the runtime tells of the client's certificate (`request.cf.tlsClientAuth`), read once and typed. On one
 * machine there is no such thing: TLS ends before the gateway, and the certificate with it.
 */
import { bytesOfBase64 } from '../../http/base64.ts'

/** As Cloudflare writes it: every field is text. */
export interface TlsClientAuth {
  readonly certPresented?: unknown
  readonly certVerified?: unknown
  readonly certRevoked?: unknown
  readonly certSubjectDNRFC2253?: unknown
  readonly certIssuerDNRFC2253?: unknown
  readonly certSerial?: unknown
  readonly certFingerprintSHA256?: unknown
  /** The certificate as a byte sequence between colons (RFC 9440 §2.1); empty above 10 KB. */
  readonly certRFC9440?: unknown
}

export interface ClientCertificate {
  readonly isVerified: boolean
  /** Why it is not, in the words of the runtime. */
  readonly verification: string
  readonly isRevoked: boolean
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  /** SHA-256 in lower-case hex. */
  readonly fingerprint: string
  readonly der: Uint8Array | null
}

/** The certificate of a request, or null where none was presented or the runtime does not tell. */
export function readCertificate(request: Request): ClientCertificate | null {
  const cf = (request as { readonly cf?: { readonly tlsClientAuth?: TlsClientAuth | null } }).cf
  const shown = cf?.tlsClientAuth
  if (typeof shown !== 'object' || shown === null || shown.certPresented !== '1') return null
  return {
    isVerified: shown.certVerified === 'SUCCESS',
    verification: textOf(shown.certVerified),
    // Anything but a plain "0" counts as revoked.
    isRevoked: shown.certRevoked !== '0',
    subject: textOf(shown.certSubjectDNRFC2253),
    issuer: textOf(shown.certIssuerDNRFC2253),
    serial: textOf(shown.certSerial),
    fingerprint: textOf(shown.certFingerprintSHA256).toLowerCase(),
    der: bytesOf(textOf(shown.certRFC9440)),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function bytesOf(sequence: string): Uint8Array | null {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(sequence)?.[1]
  return base64 === undefined ? null : bytesOfBase64(base64)
}
