import jsonwebtoken from 'jsonwebtoken'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  makeIssuer,
  makeNetwork,
  makeResponses,
  type TestIssuer,
} from '../../../test/doubles/issuer.ts'
import { type ExchangeParts, makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import type { Authentication } from '../../pipeline/policy.ts'
import { makeMemories } from '../../platform/memories.ts'
import { definition } from './policy.ts'
import type { JwtOptions } from './schema.ts'

const ISSUER = 'https://id.example.com'
const NOW = START / 1000
const claims = { iss: ISSUER, sub: 'ada', exp: NOW + 300 }

let issuer: TestIssuer
let jwks: NonNullable<JwtOptions['jwks']>
beforeAll(async () => {
  issuer = await makeIssuer()
  jwks = { keys: [{ ...issuer.jwk }] }
})
afterEach(() => vi.restoreAllMocks())

function bind(options: Omit<JwtOptions, 'use'> = {}, secrets: Record<string, string> = {}) {
  const context = makeBindContext({ secrets })
  const policy = definition.bind({ use: 'jwt', ...options }, context)
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  const memories = makeMemories()
  return {
    policy,
    missed: context.missed,
    ask: (parts: ExchangeParts) => policy.authenticate(makeExchange({ memories, ...parts })),
    send: async (token: string, parts: ExchangeParts = {}): Promise<Authentication> =>
      policy.authenticate(
        makeExchange({ memories, ...parts, headers: { authorization: `Bearer ${token}` } }),
      ),
  }
}

const outcome = (found: Authentication) =>
  found.kind === 'refused' ? [found.refusal.code, found.reason] : found.kind

test('a token gives its caller, and a bearer header goes on', async () => {
  const { send } = bind({ issuer: ISSUER, jwks })
  const token = await issuer.sign({ ...claims, roles: ['reader'], scope: 'a b' })
  expect(await send(token)).toEqual({
    kind: 'verified',
    caller: {
      authority: `jwt:${ISSUER}`,
      subject: 'ada',
      claims: { ...claims, roles: ['reader'], scope: 'a b' },
      roles: ['reader'],
      scopes: ['a', 'b'],
      permissions: [],
      consumer: null,
    },
    spent: [],
    forward: {},
  })
})

test.each([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
])('a token of %s verifies by a set of keys and by the public key', async (alg) => {
  const one = await makeIssuer(alg)
  const token = await one.sign(claims)
  const bySet = bind({ issuer: ISSUER, jwks: { keys: [{ ...one.jwk }] } })
  const byKey = bind({ issuer: ISSUER, publicKey: one.spki })
  expect(outcome(await bySet.send(token))).toBe('verified')
  expect(outcome(await byKey.send(token))).toBe('verified')
})

test.each([
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
] as const)('a token that jsonwebtoken made with %s verifies', async (algorithm, bytes) => {
  const secret = 's'.repeat(bytes)
  const token = jsonwebtoken.sign(claims, secret, { algorithm, noTimestamp: true })
  const { send, missed } = bind({ issuer: ISSUER, secret: { secret: 'KEY' } }, { KEY: secret })
  expect(missed).toEqual([])
  expect(outcome(await send(token))).toBe('verified')
})

test.each(['RS256', 'PS256', 'ES256', 'ES512'] as const)(
  'a token that jsonwebtoken made with %s verifies',
  async (algorithm) => {
    const one = await makeIssuer(algorithm)
    const { KeyObject } = await import('node:crypto')
    const key = KeyObject.from(one.privateKey)
    const token = jsonwebtoken.sign(claims, key, { algorithm, keyid: one.kid, noTimestamp: true })
    const { send } = bind({ issuer: ISSUER, jwks: { keys: [{ ...one.jwk }] } })
    expect(outcome(await send(token))).toBe('verified')
  },
)

test.each([
  ['no secret', {}, undefined, 'SECRET_MISSING'],
  ['an empty secret', { KEY: '' }, undefined, 'SECRET_MISSING'],
  ['31 bytes', { KEY: 's'.repeat(31) }, undefined, 'SECRET_INVALID'],
  ['47 bytes for HS384', { KEY: 's'.repeat(47) }, ['HS384'], 'SECRET_INVALID'],
  ['63 bytes for HS512 too', { KEY: 's'.repeat(63) }, ['HS256', 'HS512'], 'SECRET_INVALID'],
] as const)('%s is a problem of the environment', (_, secrets, algorithms, code) => {
  const { missed } = bind(
    {
      secret: { secret: 'KEY' },
      ...(algorithms === undefined ? {} : { algorithms: [...algorithms] }),
    },
    secrets,
  )
  expect(missed).toEqual([['/routes/0/policies/0/secret', code, 'KEY']])
})

test('a secret of 40 bytes takes HS256 and not HS512', async () => {
  const KEY = 's'.repeat(40)
  const { send } = bind({ issuer: ISSUER, secret: { secret: 'KEY' } }, { KEY })
  const sign = (algorithm: 'HS256' | 'HS512') =>
    jsonwebtoken.sign(claims, KEY, { algorithm, noTimestamp: true })
  expect(outcome(await send(sign('HS256')))).toBe('verified')
  expect(outcome(await send(sign('HS512')))).toEqual(['CREDENTIALS_INVALID', 'algorithm-denied'])
})

test('no token is absent, and the challenge says nothing of an error', async () => {
  const { ask, policy } = bind({ issuer: ISSUER, jwks, optional: true })
  expect(ask({})).toEqual({ kind: 'absent' })
  expect(ask({ headers: { authorization: 'Basic YTpi' } })).toEqual({ kind: 'absent' })
  expect(policy).toMatchObject({ optional: true, challenge: 'Bearer' })
})

test('tokens from query and cookie are spent, one from a header is not, unless passOn says else', async () => {
  const token = await issuer.sign(claims)
  const spentOf = async (options: Omit<JwtOptions, 'use'>, parts: ExchangeParts) => {
    const found = await bind({ issuer: ISSUER, jwks, ...options }).ask(parts)
    return found.kind === 'verified' ? found.spent : found
  }
  const cookie = { headers: { cookie: `t=${token}` } }
  const query = { url: `https://a.example/?t=${token}` }
  const header = { headers: { 'x-token': token } }
  expect(await spentOf({ from: { cookie: 't' } }, cookie)).toEqual([{ in: 'cookie', name: 't' }])
  expect(await spentOf({ from: { query: 't' } }, query)).toEqual([{ in: 'query', name: 't' }])
  expect(await spentOf({ from: { header: 'X-Token' } }, header)).toEqual([])
  expect(await spentOf({ from: { query: 't' }, passOn: true }, query)).toEqual([])
  expect(await spentOf({ from: { header: 'X-Token' }, passOn: false }, header)).toEqual([
    { in: 'header', name: 'x-token' },
  ])
})

test('the first place that has a token counts, whatever the second has', async () => {
  const { ask } = bind({
    issuer: ISSUER,
    jwks,
    from: [{ header: 'Authorization', prefix: 'Bearer' }, { query: 't' }],
  })
  const token = await issuer.sign(claims)
  const url = 'https://a.example/?t=bad'
  expect(outcome(await ask({ url, headers: { authorization: `Bearer ${token}` } }))).toBe(
    'verified',
  )
  expect(outcome(await ask({ url: `https://a.example/?t=${token}` }))).toBe('verified')
  const both = { url: `https://a.example/?t=${token}`, headers: { authorization: 'Bearer a.b.c' } }
  expect((await ask(both)).kind).toBe('refused')
})

test('claims are forwarded under the names that the table gives, and these are reserved', async () => {
  const forward = { sub: 'X-User', '/address/city': 'X-City', missing: 'X-Missing' }
  const { send } = bind({ issuer: ISSUER, jwks, forward })
  const token = await issuer.sign({ ...claims, address: { city: 'Zürich' } })
  expect(await send(token)).toMatchObject({
    forward: { 'x-user': 'ada', 'x-city': 'Z%C3%BCrich' },
  })
  expect(definition.reserves?.({ use: 'jwt', forward })).toEqual(['x-user', 'x-city', 'x-missing'])
})

test('the issuers of an entry are its own, those of its preset, or the name of its key', () => {
  const issuers = (options: object) => definition.issuers?.({ use: 'jwt', ...options })
  expect(issuers({ issuer: ISSUER })).toEqual([ISSUER])
  expect(issuers({ issuer: ['a', 'b'], jwks })).toEqual(['a', 'b'])
  expect(issuers({ preset: { auth0: { domain: 'a.auth0.com' } } })).toEqual([
    'https://a.auth0.com/',
  ])
  expect(issuers({ secret: { secret: 'ONE' } })).toEqual(['secret:ONE'])
  expect(issuers({ jwksUrl: 'https://a.example/k' })).toEqual(['keys:https://a.example/k'])
  expect(issuers({ mode: 'off' })).toEqual(['unresolved'])
})

test('without an issuer the authority is the key, so that no iss makes a caller another', async () => {
  const { send } = bind({ secret: { secret: 'KEY' } }, { KEY: 's'.repeat(32) })
  const token = jsonwebtoken.sign({ sub: 'ada', iss: ISSUER }, 's'.repeat(32), {
    noTimestamp: true,
  })
  expect(await send(token)).toMatchObject({ caller: { authority: 'jwt:secret:KEY' } })
})

test('the issuer is chosen by iss, each with its own keys', async () => {
  const other = await makeIssuer('RS256', 'other')
  const second = 'https://two.example.com/'
  const network = makeNetwork({
    [`${ISSUER}/.well-known/openid-configuration`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/k` },
    [`${second}.well-known/openid-configuration`]: { issuer: second, jwks_uri: `${second}k` },
    [`${ISSUER}/k`]: { keys: [issuer.jwk] },
    [`${second}k`]: { keys: [other.jwk] },
  })
  const { send } = bind({ issuer: [ISSUER, second] })
  const ofFirst = await send(await issuer.sign(claims), { network })
  const ofSecond = await send(await other.sign({ ...claims, iss: second }), { network })
  const stolen = await send(await other.sign(claims), { network })
  expect(ofFirst).toMatchObject({ caller: { authority: `jwt:${ISSUER}`, subject: 'ada' } })
  expect(ofSecond).toMatchObject({ caller: { authority: `jwt:${second}`, subject: 'ada' } })
  expect(outcome(stolen)).toEqual(['CREDENTIALS_INVALID', 'key-unknown'])
})

test('a token of another issuer is foreign: an any-of may know it', async () => {
  const { send } = bind({ issuer: ISSUER, jwks })
  expect(
    await send(await issuer.sign({ ...claims, iss: 'https://two.example.com' })),
  ).toMatchObject({ kind: 'refused', reason: 'issuer-unknown', foreign: true })
})

test('keys that cannot be had are 503 with Retry-After, and never 401', async () => {
  const { send } = bind({ issuer: ISSUER, jwksUrl: `${ISSUER}/k` })
  expect(await send(await issuer.sign(claims), { network: makeNetwork({}) })).toEqual({
    kind: 'unavailable',
    reason: 'keys-unavailable',
    refusal: {
      kind: 'refused',
      code: 'IDENTITY_UNAVAILABLE',
      headers: { 'retry-after': '5' },
    },
  })
})

test('the second request with a token checks no signature and fetches nothing', async () => {
  const { send, ask } = bind({ issuer: ISSUER, jwksUrl: `${ISSUER}/k` })
  const network = makeNetwork({ [`${ISSUER}/k`]: { keys: [issuer.jwk] } })
  const verify = vi.spyOn(crypto.subtle, 'verify')
  const token = await issuer.sign(claims)
  const first = await send(token, { network })
  const second = ask({ network, headers: { authorization: `Bearer ${token}` } })
  expect(verify).toHaveBeenCalledTimes(1)
  expect(network.urls).toHaveLength(1)
  expect(second).not.toBeInstanceOf(Promise)
  expect(second).toEqual(first)
})

test('a remembered token is refused from the second in which it ends, and not yet before nbf', async () => {
  const { send } = bind({ issuer: ISSUER, jwks, clockToleranceSeconds: 10 })
  const token = await issuer.sign({ ...claims, nbf: NOW, exp: NOW + 100 })
  const at = async (seconds: number) => outcome(await send(token, { now: (NOW + seconds) * 1000 }))
  expect(await at(0)).toBe('verified')
  expect(await at(109)).toBe('verified')
  // The clock was set back.
  expect(await at(-11)).toEqual(['CREDENTIALS_INVALID', 'not-yet-valid'])
  expect(await at(-10)).toBe('verified')
  expect(await at(110)).toEqual(['JWT_EXPIRED', 'expired'])
  expect(await at(110)).toEqual(['JWT_EXPIRED', 'expired'])
})

test('what one policy accepted is verified again by another with other options', async () => {
  const memories = makeMemories()
  const verify = vi.spyOn(crypto.subtle, 'verify')
  const token = await issuer.sign({ ...claims, aud: 'shop' })
  const send = async (options: Omit<JwtOptions, 'use'>) =>
    outcome(await bind({ issuer: ISSUER, jwks, ...options }).send(token, { memories }))
  expect(await send({ audience: 'shop' })).toBe('verified')
  expect(await send({ audience: 'bank' })).toEqual(['CREDENTIALS_INVALID', 'audience-mismatch'])
  expect(await send({ typ: 'at+jwt' })).toEqual(['CREDENTIALS_INVALID', 'type-mismatch'])
  expect(await send({ requiredClaims: { a: '1' } })).toEqual([
    'CREDENTIALS_INVALID',
    'claim-mismatch',
  ])
  expect(verify).toHaveBeenCalledTimes(4)
  expect(await send({ audience: 'shop', optional: true, name: 'mine' })).toBe('verified')
  expect(verify).toHaveBeenCalledTimes(4)
})

test('a refused token is not remembered', async () => {
  const { send } = bind({ issuer: ISSUER, jwks })
  const verify = vi.spyOn(crypto.subtle, 'verify')
  const token = await issuer.sign({ ...claims, sub: '' })
  await send(token)
  await send(token)
  expect(verify).toHaveBeenCalledTimes(2)
})

test('a key that was taken out of its set verifies nothing once the set was fetched again', async () => {
  let keys: unknown = { keys: [issuer.jwk] }
  const { send } = bind({ issuer: ISSUER, jwksUrl: `${ISSUER}/k` })
  const network = makeNetwork({ [`${ISSUER}/k`]: () => keys })
  const token = await issuer.sign({ ...claims, exp: NOW + 9_000 })
  const at = (seconds: number) => send(token, { network, now: (NOW + seconds) * 1000 })
  expect(outcome(await at(0))).toBe('verified')
  keys = { keys: [(await makeIssuer('ES256', 'new')).jwk] }
  expect(outcome(await at(599))).toBe('verified')
  expect(outcome(await at(600))).toEqual(['CREDENTIALS_INVALID', 'key-unknown'])
})

test('a token without exp is verified again each hour', async () => {
  const { send } = bind({ issuer: ISSUER, jwks })
  const verify = vi.spyOn(crypto.subtle, 'verify')
  const token = await issuer.sign({ iss: ISSUER, sub: 'ada' })
  for (const seconds of [0, 3_599, 3_600]) await send(token, { now: START + seconds * 1000 })
  expect(verify).toHaveBeenCalledTimes(2)
})

test('of keys without kid the one that signed is found', async () => {
  const [one, two] = await Promise.all([makeIssuer('ES256'), makeIssuer('ES256')])
  const { send } = bind({ issuer: ISSUER, jwks: { keys: [{ ...one.jwk }, { ...two.jwk }] } })
  expect(outcome(await send(await two.sign(claims, { kid: undefined })))).toBe('verified')
})

test('presets take what their providers make', async () => {
  const rsa = await makeIssuer('RS256')
  const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a'
  const network = makeNetwork({ [`${iss}/.well-known/jwks.json`]: { keys: [rsa.jwk] } })
  const { send } = bind({
    preset: { cognito: { region: 'eu-west-1', userPoolId: 'eu-west-1_a' } },
    audience: 'app',
  })
  const token = await rsa.sign({ ...claims, iss, client_id: 'app', 'cognito:groups': ['g'] })
  expect(await send(token, { network })).toMatchObject({ caller: { roles: ['g'] } })
  const other = await rsa.sign({ ...claims, iss, client_id: 'other' })
  expect(outcome(await send(other, { network }))).toEqual([
    'CREDENTIALS_INVALID',
    'audience-mismatch',
  ])
})

test('a set that was fetched is kept at the location', async () => {
  const { send } = bind({ issuer: ISSUER, jwksUrl: `${ISSUER}/k` })
  const network = makeNetwork({ [`${ISSUER}/k`]: { keys: [issuer.jwk] } })
  const responses = makeResponses()
  const token = await issuer.sign(claims)
  expect(outcome(await send(token, { network, responses }))).toBe('verified')
  expect(responses.texts.size).toBe(1)
})
