import { createLocalJWKSet, decodeJwt, exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { type CallParts, makeCall } from '../../../test/call.ts'
import { START } from '../../../test/exchange.ts'
import type { Identity } from '../../pipeline/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import { bindKey, type SigningKey } from './key.ts'
import { readKeyForm } from './key-form.ts'
import { bindToken } from './token.ts'

const options = { issuer: 'https://api.example.com', audience: 'users' }

async function makeKey(alg: string): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const form = readKeyForm(await exportPKCS8(privateKey))
  if (form === null) throw new Error('no key')
  return bindKey(form)
}

function callerOf(subject: string): Identity {
  return {
    authority: 'key',
    subject,
    claims: {},
    roles: [],
    scopes: [],
    permissions: [],
    consumer: null,
  }
}

/** The token that a step writes for a request. */
async function tokenOf(step: ReturnType<typeof bindToken>, parts: CallParts = {}) {
  const call = makeCall({ route: 'users', ...parts })
  expect(await step(call)).toBeNull()
  return call.headers.authorization?.replace(/^Bearer /, '') ?? ''
}

test.each(['EdDSA', 'ES256'])('a token of %s verifies with the published key', async (alg) => {
  const key = await makeKey(alg)
  const token = await tokenOf(bindToken(options, key), { identity: callerOf('alice') })
  const keys = createLocalJWKSet({ keys: [(await key.load())!.publicJwk] })
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: options.issuer,
    audience: options.audience,
    currentDate: new Date(START + 1000),
  })
  expect(protectedHeader).toEqual({ alg, kid: key.loaded!.kid, typ: 'JWT' })
  expect(payload).toMatchObject({ sub: 'alice', act: { sub: 'alice', authority: 'key' } })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
  expect(payload.jti).toMatch(/^[0-9a-f]{32}$/)
})

test('no private member is published', async () => {
  const { publicJwk, kid } = (await (await makeKey('ES256')).load())!
  expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  expect(publicJwk.kid).toBe(kid)
})

test('the same caller gets the same token until half of its life', async () => {
  const step = bindToken({ ...options, ttlSeconds: 100 }, await makeKey('EdDSA'))
  const memories = makeMemories()
  const ask = (now: number) => tokenOf(step, { memories, now, identity: callerOf('alice') })
  const first = await ask(START)
  expect(await ask(START + 49_999)).toBe(first)
  const second = await ask(START + 50_000)
  expect(second).not.toBe(first)
  expect(decodeJwt(second).exp).toBe(START / 1000 + 150)
})

test('another caller, another role and an anonymous one get tokens of their own', async () => {
  const step = bindToken(options, await makeKey('EdDSA'))
  const memories = makeMemories()
  const alice = await tokenOf(step, { memories, identity: callerOf('alice') })
  const admin = { ...callerOf('alice'), roles: ['admin'] }
  expect(decodeJwt(await tokenOf(step, { memories, identity: admin })).roles).toEqual(['admin'])
  expect(decodeJwt(await tokenOf(step, { memories })).sub).toBe('route:users')
  expect(await tokenOf(step, { memories, identity: callerOf('alice') })).toBe(alice)
})

test('the credential of the client does not go on beside the token', async () => {
  const step = bindToken(options, await makeKey('EdDSA'))
  const token = await tokenOf(step, { headers: { authorization: 'Bearer client' } })
  expect(token.split('.')).toHaveLength(3)
})

test('a header of its own has the bare token, and Authorization stays', async () => {
  const step = bindToken({ ...options, header: 'X-Gateway-Token' }, await makeKey('EdDSA'))
  const call = makeCall({ route: 'users', headers: { authorization: 'Bearer client' } })
  await step(call)
  expect(call.headers.authorization).toBe('Bearer client')
  expect(call.headers['x-gateway-token']?.split('.')).toHaveLength(3)
})

test('a key that the runtime does not take is a refusal with its reason in the event', async () => {
  const step = bindToken(options, { loaded: null, load: async () => null })
  const call = makeCall({ route: 'users' })
  expect(await step(call)).toMatchObject({ kind: 'refused', code: 'UPSTREAM_AUTH_FAILED' })
  expect(call.exchange.event.policies['upstream-auth']).toBe('failed:key-unusable')
})

test('a JWK whose point is off the curve is no key once it is loaded', async () => {
  const coordinate = 'A'.repeat(43)
  const jwk = { kty: 'EC', crv: 'P-256', d: coordinate, x: coordinate, y: coordinate }
  const form = readKeyForm(JSON.stringify(jwk))
  expect(await bindKey(form!).load()).toBeNull()
})
