import { expect, test } from 'vitest'
import { makeIssuer } from '../../../test/doubles/issuer.ts'
import { algorithmsOfPublicKey, nameOfPublicKey } from './public-key.ts'
import { jwtSchema } from './schema.ts'

const issuer = 'https://id.example.com'
const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'abc', kid: '1' }] }
const tenant = '11111111-2222-3333-4444-555555555555'
const accepts = (options: object) => jwtSchema.safeParse({ use: 'jwt', ...options }).success

test.each([
  [{ issuer }],
  [{ issuer: [issuer, 'https://two.example.com/'] }],
  [{ issuer: 'urn:issuer', jwks }],
  [{ jwksUrl: 'https://id.example.com/keys?v=1' }],
  [{ secret: { secret: 'KEY' }, algorithms: ['HS256'] }],
  [{ issuer, algorithms: ['ES256', 'EdDSA'], typ: 'at+jwt', clockToleranceSeconds: 0 }],
  [{ preset: { google: {} }, audience: 'app' }],
  [{ preset: { entra: { tenant } } }],
  [{ issuer, requiredClaims: { '/a/b': ['x', { prefix: 'y' }], c: true } }],
  [{ issuer, forward: { sub: 'X-User', '/a/b': 'X-B' }, from: [{ cookie: 't' }] }],
  [{ issuer: { var: 'ISSUER' } }],
  [{ issuer, when: { path: '/a/*' }, mode: 'shadow' }],
])('%j is taken', (options) => {
  expect(accepts(options)).toBe(true)
})

test.each([
  ['no source and no issuer', {}],
  ['an empty list of issuers', { issuer: [] }],
  ['discovery from no URL', { issuer: 'accounts' }],
  ['discovery from one that is no URL', { issuer: [issuer, 'accounts'] }],
  ['two sources', { issuer, jwks, jwksUrl: 'https://id.example.com/keys' }],
  ['a preset beside an issuer', { issuer, preset: { auth0: { domain: 'a.auth0.com' } } }],
  ['a preset beside keys', { preset: { auth0: { domain: 'a.auth0.com' } }, jwks }],
  ['two presets', { preset: { google: {}, entra: { tenant } }, audience: 'a' }],
  ['an empty preset', { preset: {} }],
  ['Google without audience', { preset: { google: {} } }],
  ['a tenant that is anyone', { preset: { entra: { tenant: 'common' } } }],
  ['a domain with a scheme', { preset: { auth0: { domain: 'https://a.auth0.com' } } }],
  ['no algorithm', { issuer, algorithms: [] }],
  ['the algorithm none', { issuer, algorithms: ['none'] }],
  ['HMAC with public keys', { issuer, algorithms: ['RS256', 'HS256'] }],
  ['HMAC with a set of keys', { jwks, algorithms: ['HS256'] }],
  ['a public algorithm with a secret', { secret: { secret: 'K' }, algorithms: ['RS256'] }],
  ['a secret with a prefix', { secret: { secret: 'K', prefix: 'a' } }],
  ['the value of a secret', { secret: 'abc' }],
  ['a secret key among public ones', { jwks: { keys: [{ kty: 'oct', k: 'abc' }] } }],
  ['a private key', { jwks: { keys: [{ ...jwks.keys[0], d: 'abc' }] } }],
  ['no key', { jwks: { keys: [] } }],
  ['a key that is no PEM', { publicKey: 'abc' }],
  ['a certificate', { publicKey: '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----' }],
  ['keys in a file', { jwksUrl: 'file:///keys' }],
  ['keys at a user', { jwksUrl: 'https://a:b@id.example.com/keys' }],
  ['a day of tolerance', { issuer, clockToleranceSeconds: 86_400 }],
  ['a claim without name', { issuer, consumerClaim: '' }],
  ['a broken pointer', { issuer, rolesClaim: '/a~2' }],
  ['a regex that is not linear', { issuer, requiredClaims: { a: { regex: '(a+)+$' } } }],
  ['a header in `when`', { issuer, when: { headers: { 'x-skip': '1' } } }],
])('%s is refused', (_, options) => {
  expect(accepts(options)).toBe(false)
})

test('all problems are told at once, each at its place', () => {
  const options = { use: 'jwt', issuer, audiance: 'x', algorithms: ['HS256'], preset: {} }
  const paths = jwtSchema.safeParse(options).error?.issues.map(({ path }) => path.join('/'))
  expect(paths?.sort()).toEqual(['', 'algorithms/0', 'issuer', 'preset'])
})

test.each([
  ['RS256', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['ES256', ['ES256']],
  ['ES384', ['ES384']],
  ['ES512', ['ES512']],
  ['EdDSA', ['EdDSA', 'Ed25519']],
])('the public key of %s is known by its type', async (alg, algorithms) => {
  const { spki } = await makeIssuer(alg)
  expect(algorithmsOfPublicKey(spki)).toEqual(algorithms)
  expect(accepts({ publicKey: spki, algorithms: [algorithms[0]] })).toBe(true)
  expect(accepts({ publicKey: spki, algorithms: ['HS256'] })).toBe(false)
  expect(accepts({ publicKey: spki, algorithms: [alg === 'ES256' ? 'RS256' : 'ES256'] })).toBe(
    false,
  )
})

test('two keys have two names, and one key one', async () => {
  const [one, two] = await Promise.all([makeIssuer('RS256'), makeIssuer('RS256')])
  expect(nameOfPublicKey(one.spki)).not.toBe(nameOfPublicKey(two.spki))
  expect(nameOfPublicKey(one.spki)).toBe(nameOfPublicKey(`${one.spki}\n`))
})
