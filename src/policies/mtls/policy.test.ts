import { expect, test } from 'vitest'
import { CERTIFICATE } from '../../../test/fixtures/certificate.ts'
import { makeGateway } from '../../../test/gateway.ts'
import type { TlsClientAuth } from './certificate.ts'
import { mtlsSchema } from './schema.ts'

const shown: TlsClientAuth = {
  certPresented: '1',
  certVerified: 'SUCCESS',
  certRevoked: '0',
  certSubjectDNRFC2253: 'CN=partner-7,O=Acme\\, Inc.,C=DE',
  certIssuerDNRFC2253: 'CN=Partner CA,O=Example',
  certSerial: '4CD8',
  certFingerprintSHA256: '9953715ba72bf7d285820ae82a82657973f19dc90e399aa7993d9323fccd5056',
  certRFC9440: `:${CERTIFICATE}:`,
}

async function ask(options: object, tlsClientAuth?: TlsClientAuth) {
  const gateway = makeGateway({
    version: 1,
    upstreams: { users: { targets: ['http://users.internal'] } },
    routes: [
      {
        name: 'users',
        match: { path: '/*' },
        policies: [{ use: 'mtls', ...options }],
        upstream: 'users',
      },
    ],
  })
  const response = await gateway.ask(
    tlsClientAuth === undefined ? {} : { place: { tlsClientAuth } },
  )
  return { response, call: gateway.calls[0], event: gateway.events[0] }
}

test('a verified certificate passes, and its fields go on as chosen', async () => {
  const forward = { sub: 'X-Partner', issuer: 'X-Issuer', '/san/dns/0': 'X-Name' }
  const { response, call, event } = await ask({ forward }, shown)
  expect(response.status).toBe(200)
  expect(call?.headers).toMatchObject({
    'x-partner': 'partner-7',
    'x-issuer': 'CN=Partner CA,O=Example',
    'x-name': 'a.partner.example',
  })
  expect(event?.policies).toEqual({ 'mtls-1': 'passed' })
})

test('without a certificate, as on one machine, it is 401 with a challenge', async () => {
  const { response } = await ask({})
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('ClientCertificate')
  expect(await response.json()).toMatchObject({ code: 'CREDENTIALS_MISSING' })
})

test('optional lets a caller without certificate pass, and none with a bad one', async () => {
  expect((await ask({ optional: true })).response.status).toBe(200)
  const bad = await ask({ optional: true }, { ...shown, certVerified: 'FAILED:self signed' })
  expect(bad.response.status).toBe(401)
  expect(bad.event?.policies).toEqual({ 'mtls-1': 'refused:certificate-unverified' })
})

test.each([
  [{ subject: { cn: { prefix: 'partner-' }, O: 'Acme, Inc.' } }, 200],
  [{ subject: { cn: { prefix: 'admin-' } } }, 401],
  [{ san: { uri: { prefix: 'spiffe://example/partner/' }, dns: 'b.partner.example' } }, 200],
  [{ san: { dns: 'c.partner.example' } }, 401],
  [{ issuers: ['cn=Partner CA, o=Example'] }, 200],
  [{ issuers: ['CN=Other CA'] }, 401],
  [
    {
      fingerprintsSha256: [
        '99:53:71:5B:A7:2B:F7:D2:85:82:0A:E8:2A:82:65:79:73:F1:9D:C9:0E:39:9A:A7:99:3D:93:23:FC:CD:50:56',
      ],
    },
    200,
  ],
  [{ fingerprintsSha256: ['00'.repeat(32)] }, 401],
])('by the rules %j the answer is %i', async (options, status) => {
  expect((await ask(options, shown)).response.status).toBe(status)
})

test('a SAN rule refuses a certificate that the runtime does not show whole', async () => {
  const { response } = await ask({ san: { dns: { present: true } } }, { ...shown, certRFC9440: '' })
  expect(response.status).toBe(401)
})

test.each([
  [{ subject: { 'C N': 'a' } }],
  [{ san: {} }],
  [{ san: { ip: '10.0.0.1' } }],
  [{ issuers: ['Partner CA'] }],
  [{ fingerprintsSha256: ['abc'] }],
  [{ subjectFrom: 'serial' }],
  [{ when: { query: { a: '1' } } }],
])('%j is refused by the schema', (options) => {
  expect(mtlsSchema.safeParse({ use: 'mtls', ...options }).success).toBe(false)
})
