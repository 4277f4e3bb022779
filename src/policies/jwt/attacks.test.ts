/** Attacks on tokens, as a table (RFC 8725): each is refused, for the right reason, with the same answer. */
import { createHmac } from 'node:crypto'
import jsonwebtoken from 'jsonwebtoken'
import { beforeAll, expect, test } from 'vitest'
import { makeIssuer, type TestIssuer } from '../../../test/doubles/issuer.ts'
import { makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import type { Authentication } from '../../pipeline/policy.ts'
import { makeMemories } from '../../platform/memories.ts'
import { definition } from './policy.ts'
import type { JwtOptions } from './schema.ts'

const ISSUER = 'https://id.example.com'
const NOW = START / 1000
const claims = { iss: ISSUER, sub: 'ada', aud: 'shop', exp: NOW + 300 }

let issuer: TestIssuer
let thief: TestIssuer
let token: string
let options: Omit<JwtOptions, 'use'>
beforeAll(async () => {
  issuer = await makeIssuer('RS256', 'key-1')
  thief = await makeIssuer('RS256', 'key-1')
  token = await issuer.sign(claims)
  options = { issuer: ISSUER, audience: ['shop', 'api'], jwks: { keys: [{ ...issuer.jwk }] } }
})

async function send(
  authorization: string,
  more: Omit<JwtOptions, 'use'> = {},
): Promise<Authentication> {
  const policy = definition.bind({ use: 'jwt', ...options, ...more }, makeBindContext())
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  return policy.authenticate(makeExchange({ headers: { authorization }, memories: makeMemories() }))
}

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const parts = () => token.split('.') as [string, string, string]

/** HMAC over a header and claims of the attacker's choice. */
function forge(header: object, key: string): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

const attacks: readonly (readonly [string, string, () => string | Promise<string>])[] = [
  [
    'HMAC with the public PEM as the secret',
    'algorithm-denied',
    () => forge({ alg: 'HS256', kid: 'key-1' }, issuer.spki),
  ],
  [
    'HMAC with the JWK as the secret',
    'algorithm-denied',
    () => forge({ alg: 'HS256', kid: 'key-1' }, JSON.stringify(issuer.jwk)),
  ],
  [
    'HMAC by another library, without kid',
    'algorithm-denied',
    () => jsonwebtoken.sign(claims, 's'.repeat(64), { algorithm: 'HS512' }),
  ],
  ...['none', 'None', 'NONE', 'nOnE', ''].map(
    (alg) =>
      [
        `alg ${JSON.stringify(alg)} with a signature`,
        'algorithm-denied',
        () => `${encode({ alg, kid: 'key-1' })}.${parts()[1]}.${parts()[2]}`,
      ] as const,
  ),
  [
    'alg none without signature',
    'token-malformed',
    () => `${encode({ alg: 'none' })}.${parts()[1]}.`,
  ],
  [
    'alg none as jsonwebtoken makes it',
    'token-malformed',
    () => jsonwebtoken.sign(claims, '', { algorithm: 'none' }),
  ],
  ['a stripped signature', 'token-malformed', () => `${parts()[0]}.${parts()[1]}.`],
  ['a signature cut off with its dot', 'token-malformed', () => `${parts()[0]}.${parts()[1]}`],
  ['an empty signature of one byte', 'signature-invalid', () => `${parts()[0]}.${parts()[1]}.AA`],
  [
    'a changed signature',
    'signature-invalid',
    () => `${parts()[0]}.${parts()[1]}.${encode('x'.repeat(256))}`,
  ],
  [
    'changed claims',
    'signature-invalid',
    () => `${parts()[0]}.${encode({ ...claims, sub: 'root' })}.${parts()[2]}`,
  ],
  [
    'a changed header',
    'signature-invalid',
    () => `${encode({ alg: 'RS256', kid: 'key-1', typ: 'x' })}.${parts()[1]}.${parts()[2]}`,
  ],
  ['a key of the same kid', 'signature-invalid', () => thief.sign(claims)],
  [
    'the same key by another algorithm',
    'key-unknown',
    () => thief.sign(claims, { alg: 'RS256', kid: 'key-2' }),
  ],
  ['an embedded jwk', 'signature-invalid', () => thief.sign(claims, { jwk: thief.jwk })],
  [
    'an embedded jwk with its own kid',
    'key-unknown',
    () => thief.sign(claims, { jwk: { ...thief.jwk, kid: 'mine' }, kid: 'mine' }),
  ],
  ['a jku', 'signature-invalid', () => thief.sign(claims, { jku: 'https://evil.example/keys' })],
  ['an x5u', 'signature-invalid', () => thief.sign(claims, { x5u: 'https://evil.example/c' })],
  ['an x5c', 'signature-invalid', () => thief.sign(claims, { x5c: ['MIIB'] })],
  ...[
    '../../../../dev/null',
    '/proc/self/environ',
    'https://evil.example/keys.json',
    "key-1' OR '1'='1",
    "' UNION SELECT 'secret' --",
    'key-1\u0000',
    '__proto__',
    'constructor',
    'KEY-1',
    '',
    'k'.repeat(5_000),
  ].map(
    (kid) =>
      [
        `the kid ${JSON.stringify(kid.slice(0, 40))}`,
        'key-unknown',
        () => thief.sign(claims, { kid }),
      ] as const,
  ),
  [
    'a kid that is a list',
    'token-malformed',
    () => `${encode({ alg: 'RS256', kid: ['key-1'] })}.${parts()[1]}.${parts()[2]}`,
  ],
  [
    'an unknown critical extension',
    'critical-header',
    () => issuer.sign(claims, { crit: ['urn:test'], 'urn:test': 1 }),
  ],
  [
    'a critical name that is registered',
    'critical-header',
    () => `${encode({ alg: 'RS256', kid: 'key-1', crit: ['alg'] })}.${parts()[1]}.${parts()[2]}`,
  ],
  [
    'an unencoded payload',
    'critical-header',
    () =>
      `${encode({ alg: 'RS256', kid: 'key-1', b64: false, crit: ['b64'] })}.${parts()[1]}.${parts()[2]}`,
  ],
  [
    'b64 without crit',
    'critical-header',
    () => `${encode({ alg: 'RS256', kid: 'key-1', b64: false })}.${parts()[1]}.${parts()[2]}`,
  ],
  ['nbf in a second', 'not-yet-valid', () => issuer.sign({ ...claims, nbf: NOW + 1 })],
  ['exp as text', 'claim-invalid', () => issuer.sign({ ...claims, exp: `${NOW + 300}` })],
  ['exp as null', 'claim-invalid', () => issuer.sign({ ...claims, exp: null })],
  ['a wrong audience', 'audience-mismatch', () => issuer.sign({ ...claims, aud: 'bank' })],
  [
    'wrong audiences in a list',
    'audience-mismatch',
    () => issuer.sign({ ...claims, aud: ['bank', 'shop2', 'sho'] }),
  ],
  ['no audience', 'audience-mismatch', () => issuer.sign({ ...claims, aud: undefined })],
  [
    'the issuer of another policy',
    'issuer-unknown',
    () => issuer.sign({ ...claims, iss: 'https://two.example.com' }),
  ],
  [
    'an issuer with a slash more',
    'issuer-unknown',
    () => issuer.sign({ ...claims, iss: `${ISSUER}/` }),
  ],
  ['a list of issuers', 'issuer-unknown', () => issuer.sign({ ...claims, iss: [ISSUER] })],
  ['no issuer', 'issuer-unknown', () => issuer.sign({ ...claims, iss: undefined })],
  ['no subject', 'subject-missing', () => issuer.sign({ ...claims, sub: undefined })],
  [
    'claims that are no object',
    'token-malformed',
    () => `${parts()[0]}.${encode('[]')}.${parts()[2]}`,
  ],
  [
    'claims that are no JSON',
    'token-malformed',
    () => `${parts()[0]}.${encode('{')}.${parts()[2]}`,
  ],
  [
    'claims that are no UTF-8',
    'token-malformed',
    () => `${parts()[0]}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${parts()[2]}`,
  ],
  ['a header that is no JSON', 'token-malformed', () => `abc.${parts()[1]}.${parts()[2]}`],
  [
    'a header that is no UTF-8',
    'token-malformed',
    () => `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${parts()[1]}.${parts()[2]}`,
  ],
  [
    'a header that is null',
    'token-malformed',
    () => `${encode('null')}.${parts()[1]}.${parts()[2]}`,
  ],
  ['an encrypted token', 'token-malformed', () => 'a.b.c.d.e'],
  ['a token with padding', 'token-malformed', () => `${token}==`],
  [
    'a token with a space in it',
    'token-malformed',
    () => `${parts()[0]} .${parts()[1]}.${parts()[2]}`,
  ],
  [
    'a token that is over-long',
    'token-too-long',
    () => issuer.sign({ ...claims, pad: 'x'.repeat(16_384) }),
  ],
  ['a token that is not ASCII', 'token-malformed', () => `${token}\u00e9`],
  ['no token', 'token-malformed', () => ''],
  ['two tokens', 'token-twice', () => `${token}, Bearer ${token}`],
  ['a good and a bad token', 'token-twice', () => `${token}, Bearer a.b.c`],
  ['a token and another scheme', 'token-twice', () => `${token}, Basic YTpi`],
]

test.each(attacks)('%s is refused as %s', async (_, reason, make) => {
  const found = await send(`Bearer ${await make()}`)
  expect(found).toMatchObject({ kind: 'refused', reason })
  // One answer for all: it tells nobody which of these it was.
  expect(found).toMatchObject({
    refusal: {
      kind: 'refused',
      code: 'CREDENTIALS_INVALID',
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    },
  })
  if (found.kind === 'refused') expect(found.refusal.detail).toBeUndefined()
})

test.each([
  [-1, 0, 'JWT_EXPIRED'],
  [0, 0, 'JWT_EXPIRED'],
  [1, 0, null],
  [-29, 30, null],
  [-30, 30, 'JWT_EXPIRED'],
])(
  'a token whose exp is %i seconds from now, with %i of tolerance: %s',
  async (ahead, clockToleranceSeconds, code) => {
    const found = await send(`Bearer ${await issuer.sign({ ...claims, exp: NOW + ahead })}`, {
      clockToleranceSeconds,
    })
    if (code === null) expect(found.kind).toBe('verified')
    else expect(found).toMatchObject({ reason: 'expired', refusal: { code } })
  },
)

test('only a token whose signature holds is told that it has expired', async () => {
  const found = await send(`Bearer ${await thief.sign({ ...claims, exp: 1 })}`)
  expect(found).toMatchObject({ refusal: { code: 'CREDENTIALS_INVALID' } })
})

test.each([
  [30, 30, 'verified'],
  [31, 30, 'refused'],
])('nbf in %i seconds with %i of tolerance is %s', async (ahead, clockToleranceSeconds, kind) => {
  const signed = await issuer.sign({ ...claims, nbf: NOW + ahead })
  expect((await send(`Bearer ${signed}`, { clockToleranceSeconds })).kind).toBe(kind)
})

test.each(['bearer', 'BEARER', 'BeArEr'])('the scheme %s is a bearer token', async (scheme) => {
  expect((await send(`${scheme} ${token}`)).kind).toBe('verified')
})

test.each(['Bearer:', 'Token', 'JWT', 'Bear'])('%s is no bearer token', async (scheme) => {
  expect((await send(`${scheme} ${token}`)).kind).toBe('absent')
})

test('of claims that stand twice the last counts, as the issuer signed it', async () => {
  const { KeyObject, sign } = await import('node:crypto')
  const text = `{"iss":"https://evil.example","iss":"${ISSUER}","sub":"root","sub":"ada","aud":"shop","exp":${NOW + 300}}`
  const input = `${encode({ alg: 'RS256', kid: 'key-1' })}.${encode(text)}`
  const signature = sign('sha256', Buffer.from(input), KeyObject.from(issuer.privateKey))
  expect(await send(`Bearer ${input}.${signature.toString('base64url')}`)).toMatchObject({
    caller: { authority: `jwt:${ISSUER}`, subject: 'ada' },
  })
})

test('an audience in a list of which one is ours is taken', async () => {
  const signed = await issuer.sign({ ...claims, aud: ['bank', 'api'] })
  expect((await send(`Bearer ${signed}`)).kind).toBe('verified')
})

test.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('the typ %s is at+jwt', async (typ) => {
  const signed = await issuer.sign(claims, { typ })
  expect((await send(`Bearer ${signed}`, { typ: 'at+jwt' })).kind).toBe('verified')
})

test.each([undefined, 'JWT', 'at+jwt2'])('the typ %s is not at+jwt', async (typ) => {
  const signed = await issuer.sign(claims, { typ })
  expect(await send(`Bearer ${signed}`, { typ: 'at+jwt' })).toMatchObject({
    reason: 'type-mismatch',
  })
})

test('an RSA key of 1024 bits verifies nothing', async () => {
  const { generateKeyPairSync } = await import('node:crypto')
  const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const weak = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string
  // jsonwebtoken refuses to sign with it, unless told otherwise.
  const signed = jsonwebtoken.sign(claims, pair.privateKey, {
    algorithm: 'RS256',
    allowInsecureKeySizes: true,
  })
  const found = await definitionWithKey(weak, signed)
  expect(found).toMatchObject({ kind: 'refused', reason: 'key-unusable' })
})

async function definitionWithKey(publicKey: string, signed: string): Promise<Authentication> {
  const policy = definition.bind({ use: 'jwt', issuer: ISSUER, publicKey }, makeBindContext())
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  return policy.authenticate(makeExchange({ headers: { authorization: `Bearer ${signed}` } }))
}
