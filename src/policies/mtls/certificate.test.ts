import { expect, test } from 'vitest'
import { readCertificate, type TlsClientAuth } from './certificate.ts'

const read = (tlsClientAuth: TlsClientAuth | null | undefined) =>
  readCertificate({ cf: { tlsClientAuth } } as unknown as Request)

const shown: TlsClientAuth = {
  certPresented: '1',
  certVerified: 'SUCCESS',
  certRevoked: '0',
  certSubjectDNRFC2253: 'CN=a',
  certIssuerDNRFC2253: 'CN=b',
  certSerial: '01',
  certFingerprintSHA256: 'AB12',
  certRFC9440: ':AQID:',
}

test('what the runtime shows is read, with the fingerprint in lower case', () => {
  expect(read(shown)).toEqual({
    isVerified: true,
    verification: 'SUCCESS',
    isRevoked: false,
    subject: 'CN=a',
    issuer: 'CN=b',
    serial: '01',
    fingerprint: 'ab12',
    der: Uint8Array.of(1, 2, 3),
  })
})

test('there is none where the runtime shows nothing, or says that none was presented', () => {
  expect(readCertificate(new Request('https://a.example/'))).toBeNull()
  expect(read(undefined)).toBeNull()
  expect(read(null)).toBeNull()
  expect(read({ ...shown, certPresented: '0' })).toBeNull()
})

test('anything but the plain words of success counts against it', () => {
  expect(read({ ...shown, certVerified: 'FAILED' })?.isVerified).toBe(false)
  expect(read({ certPresented: '1' })).toMatchObject({ isVerified: false, isRevoked: true })
  expect(read({ ...shown, certRevoked: '1' })?.isRevoked).toBe(true)
  expect(read({ ...shown, certRFC9440: 'AQID' })?.der).toBeNull()
})
