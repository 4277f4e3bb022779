import { expect, test } from 'vitest'
import { bindClaims, type ClaimRules, judgeHeader, judgeShape, judgeTimes } from './core.ts'

test.each([
  ['a.b.c', null],
  ['eyJ-_0.x.y', null],
  ['', 'token-malformed'],
  ['a.b', 'token-malformed'],
  ['a.b.', 'token-malformed'],
  ['a..c', 'token-malformed'],
  ['a.b.c.d.e', 'token-malformed'],
  ['a.b.c=', 'token-malformed'],
  ['a.b+.c', 'token-malformed'],
  ['a.b .c', 'token-malformed'],
  ['a.b.c\n', 'token-malformed'],
  ['ä.b.c', 'token-malformed'],
  ['a.b.\u{1F600}', 'token-malformed'],
  [`${'a'.repeat(16_380)}.b.c`, null],
  [`${'a'.repeat(16_381)}.b.c`, 'token-too-long'],
])('the shape of token %#', (token, fault) => {
  expect(judgeShape(token)).toBe(fault)
})

test.each([
  [
    { alg: 'ES256', kid: 'a' },
    { kind: 'judged', alg: 'ES256', kid: 'a' },
  ],
  [{ alg: 'ES256' }, { kind: 'judged', alg: 'ES256', kid: undefined }],
  [
    { alg: 'ES256', jwk: {}, jku: 'https://e.x', x5u: 'https://e.x', x5c: ['a'] },
    { kind: 'judged', alg: 'ES256', kid: undefined },
  ],
  [{ alg: 'RS256' }, { fault: 'algorithm-denied' }],
  [{ alg: 'none' }, { fault: 'algorithm-denied' }],
  [{ alg: ['ES256'] }, { fault: 'algorithm-denied' }],
  [{ alg: 'es256' }, { fault: 'algorithm-denied' }],
  [{}, { fault: 'algorithm-denied' }],
  [{ alg: 'ES256', kid: 5 }, { fault: 'token-malformed' }],
  [{ alg: 'ES256', kid: null }, { fault: 'token-malformed' }],
  [{ alg: 'ES256', crit: ['exp'] }, { fault: 'critical-header' }],
  [{ alg: 'ES256', crit: [] }, { fault: 'critical-header' }],
  [{ alg: 'ES256', b64: false }, { fault: 'critical-header' }],
])('the header %j is judged', (header, judged) => {
  expect(judgeHeader(header, ['ES256'])).toMatchObject(judged)
})

test.each([
  [{ exp: 100, nbf: null }, 99, 0, null],
  [{ exp: 100, nbf: null }, 100, 0, 'expired'],
  [{ exp: 100, nbf: null }, 101, 0, 'expired'],
  [{ exp: 100, nbf: null }, 109, 10, null],
  [{ exp: 100, nbf: null }, 110, 10, 'expired'],
  [{ exp: null, nbf: 100 }, 99, 0, 'not-yet-valid'],
  [{ exp: null, nbf: 100 }, 100, 0, null],
  [{ exp: null, nbf: 100 }, 90, 10, null],
  [{ exp: null, nbf: 100 }, 89, 10, 'not-yet-valid'],
  [{ exp: null, nbf: null }, 0, 0, null],
])('%j at %i with %i seconds of tolerance is %s', (times, now, tolerance, fault) => {
  expect(judgeTimes(times, now, tolerance)).toBe(fault)
})

const rules: ClaimRules = {
  audience: null,
  audienceClaims: ['aud'],
  required: {},
  toleranceSeconds: 0,
  subjectClaim: 'sub',
  rolesClaim: 'roles',
  scopesClaims: ['scope', 'scp'],
  permissionsClaim: 'permissions',
}
const NOW = 1_000
const read = (claims: object, change: Partial<ClaimRules> = {}) =>
  bindClaims({ ...rules, ...change })({ sub: 'a', ...claims }, NOW)

test('a caller is read from the usual claims', () => {
  const claims = { exp: 9, nbf: 1, roles: ['r'], scope: 'a b', permissions: ['p'] }
  expect(read(claims)).toEqual({
    kind: 'read',
    times: { exp: 9, nbf: 1 },
    subject: 'a',
    roles: ['r'],
    scopes: ['a', 'b'],
    permissions: ['p'],
  })
})

test('claims stand where the table says, by name or by pointer', () => {
  const change = {
    subjectClaim: 'client_id',
    rolesClaim: '/realm_access/roles',
    scopesClaims: ['https://x.example/scopes'],
    permissionsClaim: '/a~1b/0',
  }
  const claims = {
    client_id: 42,
    realm_access: { roles: ['r', 5, null] },
    'https://x.example/scopes': ['s'],
    'a/b': ['p q'],
  }
  expect(read(claims, change)).toMatchObject({
    subject: '42',
    roles: ['r'],
    scopes: ['s'],
    permissions: ['p', 'q'],
  })
})

test('scopes are in scope, else in scp', () => {
  expect(read({ scp: ['a'] })).toMatchObject({ scopes: ['a'] })
  expect(read({ scope: '', scp: ['a'] })).toMatchObject({ scopes: [] })
})

test('inherited names are no claims', () => {
  expect(read({}, { rolesClaim: 'constructor', permissionsClaim: '/__proto__' })).toMatchObject({
    roles: [],
    permissions: [],
  })
})

test.each([[''], [null], [1.5], [['a']], [{ a: 1 }], [true]])('%j names no caller', (sub) => {
  expect(read({ sub })).toMatchObject({ fault: 'subject-missing' })
})

test.each([
  ['shop', 'read'],
  [['other', 'shop'], 'read'],
  ['shop2', 'refused'],
  [['other'], 'refused'],
  ['shop other', 'refused'],
  [[['shop']], 'refused'],
  [{ shop: 1 }, 'refused'],
  [undefined, 'refused'],
])('the audience %j is %s where "shop" or "api" is wanted', (aud, kind) => {
  expect(read({ aud }, { audience: ['shop', 'api'] })).toMatchObject({ kind })
})

test('the first claim for the audience that is there counts alone', () => {
  const change = { audience: ['app'], audienceClaims: ['aud', 'client_id'] }
  expect(read({ client_id: 'app' }, change)).toMatchObject({ kind: 'read' })
  expect(read({ aud: 'other', client_id: 'app' }, change)).toMatchObject({ kind: 'refused' })
})

test.each([
  [{ token_use: 'access' }, { token_use: 'access' }, 'read'],
  [{ token_use: 'access' }, { token_use: 'id' }, 'refused'],
  [{ token_use: 'access' }, {}, 'refused'],
  [{ tenant: ['a', 'b'] }, { tenant: 'b' }, 'read'],
  [{ groups: 'staff' }, { groups: ['guests', 'staff'] }, 'read'],
  [{ groups: { not: 'guests' } }, { groups: ['guests', 'staff'] }, 'refused'],
  [{ email: { regex: '@example\\.com$' } }, { email: 'a@example.com' }, 'read'],
  [{ email: { regex: '@example\\.com$' } }, { email: 'a@example.com.evil' }, 'refused'],
  [{ '/app/tier': { prefix: 'gold' } }, { app: { tier: 'gold-1' } }, 'read'],
  [{ email_verified: true }, { email_verified: true }, 'read'],
  [{ email_verified: true }, { email_verified: 'true' }, 'refused'],
  [{ exp: { present: true } }, {}, 'refused'],
  [{ impersonator: { present: false } }, {}, 'read'],
  [{ a: '1', b: '2' }, { a: '1' }, 'refused'],
])('required %j, claims %j: %s', (required, claims, kind) => {
  expect(read(claims, { required })).toMatchObject({ kind })
})

test('a token may be made by a clock a minute ahead, or as far as is tolerated', () => {
  expect(read({ iat: NOW + 60 })).toMatchObject({ kind: 'read' })
  expect(read({ iat: NOW + 61 })).toMatchObject({ fault: 'issued-in-future' })
  expect(read({ iat: NOW + 300 }, { toleranceSeconds: 300 })).toMatchObject({ kind: 'read' })
})
