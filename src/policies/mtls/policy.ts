/**
 * `mtls`: who is calling, by the client certificate that Cloudflare verified. Where the runtime shows nothing of
 * it, as on one machine, there is none: 401.
 */
import { refuse } from '../../errors/refusal.ts'
import { bindForward, reservedBy } from '../../identity/forward.ts'
import type { ValueCondition } from '../../match/schema.ts'
import { bindCondition } from '../../match/value-condition.ts'
import type { Authentication, Identify, PolicyDefinition } from '../../pipeline/policy.ts'
import { type AlternativeNames, alternativeNamesOf, noNames } from './alternative-names.ts'
import { readCertificate } from './certificate.ts'
import { bindHoldsAll, type CertificateRules, type HoldsAll, judgeCertificate } from './core.ts'
import { canonicalName, parseName } from './distinguished-name.ts'
import type { MtlsOptions } from './schema.ts'

export const definition: PolicyDefinition<MtlsOptions> = {
  use: 'mtls',
  stage: 'identify',
  arity: 'one',
  summary: 'Knows callers by their TLS certificate.',
  bind: bindMtls,
  reserves: ({ forward }) => reservedBy(forward),
}

// No scheme is registered for certificates; RFC 9110 §11.6.1 wants a challenge with each 401.
const CHALLENGE = 'ClientCertificate'

const refusal = refuse('CREDENTIALS_INVALID', { headers: { 'www-authenticate': CHALLENGE } })

function bindMtls(options: MtlsOptions): Identify {
  const rules = bindRules(options)
  const forward = bindForward(options.forward)
  // The certificate itself is only read where something of it is asked for.
  const needsNames =
    options.san !== undefined ||
    Object.keys(options.forward ?? {}).some((claim) => /^\/?san(?:\/|$)/.test(claim))
  return {
    kind: 'identify',
    optional: options.optional ?? false,
    challenge: CHALLENGE,
    authenticate: function mtls({ request }): Authentication {
      const certificate = readCertificate(request)
      if (certificate === null) return { kind: 'absent' }
      const names =
        needsNames && certificate.der !== null ? alternativeNamesOf(certificate.der) : noNames
      const verdict = judgeCertificate(certificate, names, rules)
      if (verdict.kind === 'refused') return { kind: 'refused', refusal, reason: verdict.reason }
      const { subject: dn, issuer, serial, fingerprint } = certificate
      const { subject, cn } = verdict
      const claims = { sub: subject, cn, dn, issuer, serial, fingerprint, san: names }
      return {
        kind: 'verified',
        caller: {
          authority: `mtls:${issuer}`,
          subject,
          claims,
          roles: [],
          scopes: [],
          permissions: [],
          consumer: null,
        },
        spent: [],
        forward: forward(claims),
      }
    },
  }
}

function bindRules(options: MtlsOptions): CertificateRules {
  const { fingerprintsSha256, issuers } = options
  const san = Object.entries(options.san ?? {}).filter(([kind]) => Object.hasOwn(noNames, kind))
  return {
    subject: Object.entries(options.subject ?? {}).map(
      ([type, condition]) => [type.toUpperCase(), bindValues(condition)] as const,
    ),
    san: san.map(
      ([kind, condition]) =>
        [kind as keyof AlternativeNames, bindValues(condition as ValueCondition)] as const,
    ),
    fingerprints:
      fingerprintsSha256 === undefined
        ? null
        : new Set(fingerprintsSha256.map((hex) => hex.replaceAll(':', '').toLowerCase())),
    issuers:
      issuers === undefined
        ? null
        : new Set(issuers.map((name) => canonicalName(parseName(name) ?? []))),
    subjectFrom: options.subjectFrom ?? 'cn',
  }
}

function bindValues(condition: ValueCondition): HoldsAll {
  const isDenial = typeof condition === 'object' && 'not' in condition
  return bindHoldsAll(bindCondition(condition), isDenial)
}
