import { expect, test } from 'vitest'
import { noNames } from './alternative-names.ts'
import type { ClientCertificate } from './certificate.ts'
import { bindHoldsAll, type CertificateRules, judgeCertificate } from './core.ts'

const certificate: ClientCertificate = {
  isVerified: true,
  verification: 'SUCCESS',
  isRevoked: false,
  subject: 'CN=partner-7,OU=blue,OU=green,O=Acme',
  issuer: 'CN=Partner CA,O=Example',
  serial: '01',
  fingerprint: 'ab12',
  der: null,
}
const any: CertificateRules = {
  subject: [],
  san: [],
  fingerprints: null,
  issuers: null,
  subjectFrom: 'cn',
}
const is = (expected: string) => bindHoldsAll((value) => value === expected, false)

test.each([
  ['cn', 'partner-7'],
  ['dn', 'CN=partner-7,OU=blue,OU=green,O=Acme'],
  ['fingerprint', 'ab12'],
] as const)('the caller named from %s is %s', (subjectFrom, subject) => {
  expect(judgeCertificate(certificate, noNames, { ...any, subjectFrom })).toEqual({
    kind: 'accepted',
    subject,
    cn: 'partner-7',
  })
})

test.each([
  [{ isVerified: false, verification: 'FAILED:self signed certificate' }, 'certificate-unverified'],
  [{ isVerified: false, verification: 'FAILED:certificate has expired' }, 'certificate-expired'],
  [
    { isVerified: false, verification: 'FAILED:certificate is not yet valid' },
    'certificate-not-yet-valid',
  ],
  [{ isRevoked: true }, 'certificate-revoked'],
  [{ subject: 'no name' }, 'certificate-unreadable'],
  [{ subject: 'O=Acme' }, 'certificate-subject-missing'],
])('a certificate with %j is refused as %s', (change, reason) => {
  expect(judgeCertificate({ ...certificate, ...change }, noNames, any)).toEqual({
    kind: 'refused',
    reason,
  })
})

test.each<[Partial<CertificateRules>, string]>([
  [{ issuers: new Set(['[["CN","Other CA"]]']) }, 'certificate-issuer-not-allowed'],
  [{ fingerprints: new Set(['cd34']) }, 'certificate-fingerprint-not-allowed'],
  [{ subject: [['O', is('Globex')]] }, 'certificate-subject-not-allowed'],
  [{ subject: [['L', is('Bonn')]] }, 'certificate-subject-not-allowed'],
  [{ san: [['dns', is('a.example')]] }, 'certificate-san-not-allowed'],
])('a certificate is refused by the rules %j', (rules, reason) => {
  expect(judgeCertificate(certificate, noNames, { ...any, ...rules })).toEqual({
    kind: 'refused',
    reason,
  })
})

test('a certificate that holds every rule is accepted', () => {
  const rules: CertificateRules = {
    ...any,
    subject: [
      ['O', is('Acme')],
      ['OU', is('green')],
    ],
    san: [['dns', is('a.example')]],
    fingerprints: new Set(['ab12']),
    issuers: new Set(['[["CN","Partner CA"],["O","Example"]]']),
  }
  const names = { ...noNames, dns: ['b.example', 'a.example'] }
  expect(judgeCertificate(certificate, names, rules)).toMatchObject({ kind: 'accepted' })
})

test('what must not be must be so for each of several values', () => {
  const notBlue = bindHoldsAll((value) => value !== 'blue', true)
  expect(notBlue(['green', 'blue'])).toBe(false)
  expect(notBlue(['green'])).toBe(true)
  expect(notBlue([])).toBe(true)
})
