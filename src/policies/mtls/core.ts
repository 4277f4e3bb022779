/** Decides whether a client certificate may call, and as whom. Pure: the runtime has verified its chain. */
import type { AlternativeNames } from './alternative-names.ts'
import type { ClientCertificate } from './certificate.ts'
import { type Attribute, canonicalName, parseName } from './distinguished-name.ts'

/** Whether a value, or none (undefined), holds. */
export type Holds = (value: unknown) => boolean

/** Whether the values of one kind hold, all of them together. */
export type HoldsAll = (values: readonly string[]) => boolean

export interface CertificateRules {
  /** By attribute type in capitals. */
  readonly subject: readonly (readonly [string, HoldsAll])[]
  readonly san: readonly (readonly [keyof AlternativeNames, HoldsAll])[]
  /** Lower-case hex; null where any may call. */
  readonly fingerprints: ReadonlySet<string> | null
  /** Canonical names; null where any may call. */
  readonly issuers: ReadonlySet<string> | null
  readonly subjectFrom: 'cn' | 'dn' | 'fingerprint'
}

export type CertificateVerdict =
  | { readonly kind: 'accepted'; readonly subject: string; readonly cn: string | null }
  | { readonly kind: 'refused'; readonly reason: string }

export function judgeCertificate(
  certificate: ClientCertificate,
  names: AlternativeNames,
  rules: CertificateRules,
): CertificateVerdict {
  if (!certificate.isVerified) return refused(reasonOf(certificate.verification))
  if (certificate.isRevoked) return refused('certificate-revoked')
  const subject = parseName(certificate.subject)
  const issuer = parseName(certificate.issuer)
  if (subject === null || issuer === null) return refused('certificate-unreadable')
  if (rules.issuers !== null && !rules.issuers.has(canonicalName(issuer))) {
    return refused('certificate-issuer-not-allowed')
  }
  if (rules.fingerprints !== null && !rules.fingerprints.has(certificate.fingerprint)) {
    return refused('certificate-fingerprint-not-allowed')
  }
  if (!rules.subject.every(([type, holds]) => holds(valuesOf(subject, type)))) {
    return refused('certificate-subject-not-allowed')
  }
  if (!rules.san.every(([kind, holds]) => holds(names[kind]))) {
    return refused('certificate-san-not-allowed')
  }
  const [cn = null] = valuesOf(subject, 'CN')
  const named = { cn, dn: certificate.subject, fingerprint: certificate.fingerprint }
  const name = named[rules.subjectFrom]
  if (name === null || name === '') return refused('certificate-subject-missing')
  return { kind: 'accepted', subject: name, cn }
}

/** Of several values one must hold; what must not hold must do so for none of them. */
export function bindHoldsAll(holds: Holds, isDenial: boolean): HoldsAll {
  return (values) => {
    if (values.length === 0) return holds(undefined)
    return isDenial ? values.every(holds) : values.some(holds)
  }
}

function valuesOf(name: readonly Attribute[], type: string): readonly string[] {
  return name.flatMap((attribute) => (attribute.type === type ? [attribute.value] : []))
}

function refused(reason: string): CertificateVerdict {
  return { kind: 'refused', reason }
}

/** Cloudflare says `FAILED:certificate has expired` and the like. */
function reasonOf(verification: string): string {
  if (verification.endsWith('certificate has expired')) return 'certificate-expired'
  if (verification.endsWith('certificate is not yet valid')) return 'certificate-not-yet-valid'
  return 'certificate-unverified'
}
