import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { readKeyForm } from './key-form.ts'

async function makePem(alg: string): Promise<string> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return exportPKCS8(privateKey)
}

async function makeJwk(alg: string): Promise<object> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return exportJWK(privateKey)
}

test.each(['EdDSA', 'ES256'])('a PEM of %s is known by its algorithm', async (alg) => {
  expect(readKeyForm(await makePem(alg))).toMatchObject({ kind: 'pem', algorithm: alg })
})

test.each(['EdDSA', 'ES256'])('a JWK of %s is known by its algorithm', async (alg) => {
  const jwk = await makeJwk(alg)
  expect(readKeyForm(JSON.stringify(jwk))).toMatchObject({ kind: 'jwk', algorithm: alg })
  expect(readKeyForm(JSON.stringify({ ...jwk, alg, use: 'sig', kid: 'mine' }))).toMatchObject({
    algorithm: alg,
  })
})

test('line breaks of a PEM may be written as \\n', async () => {
  const pem = await makePem('ES256')
  expect(readKeyForm(pem.replaceAll('\n', '\\n'))).toMatchObject({ kind: 'pem' })
})

test.each([
  ['an empty text', ''],
  ['a word', 's3cret'],
  ['an armor around nothing', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----'],
  ['an armor around other bytes', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  ['no base64', '-----BEGIN PRIVATE KEY-----\nA===A\n-----END PRIVATE KEY-----'],
  ['broken JSON', '{"kty"'],
  ['a JWK without members', '{}'],
])('%s is no key', (_what, text) => {
  expect(readKeyForm(text)).toBeNull()
})

test('keys of other kinds are none of ours: RSA, P-384, SEC1', async () => {
  expect(readKeyForm(await makePem('RS256'))).toBeNull()
  expect(readKeyForm(await makePem('ES384'))).toBeNull()
  const sec1 = (await makePem('ES256')).replaceAll('PRIVATE', 'EC PRIVATE')
  expect(readKeyForm(sec1)).toBeNull()
})

test('a key that was cut off is none', async () => {
  const pem = await makePem('ES256')
  const lines = pem.trim().split('\n')
  expect(readKeyForm([lines[0], ...lines.slice(2)].join('\n'))).toBeNull()
})

test('a public JWK, one for encryption and one of another algorithm are none', async () => {
  const jwk = await makeJwk('ES256')
  expect(readKeyForm(JSON.stringify({ ...jwk, d: undefined }))).toBeNull()
  expect(readKeyForm(JSON.stringify({ ...jwk, use: 'enc' }))).toBeNull()
  expect(readKeyForm(JSON.stringify({ ...jwk, alg: 'ES384' }))).toBeNull()
})
