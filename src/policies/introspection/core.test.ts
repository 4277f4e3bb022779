import { expect, test } from 'vitest'
import { type AnswerRules, bindJudge, formEncode, keepMs, readAnswer } from './core.ts'

const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer

test('an answer is active or not', () => {
  expect(readAnswer(200, bytes('{"active":true,"sub":"a"}'))).toEqual({
    kind: 'active',
    claims: { active: true, sub: 'a' },
  })
  expect(readAnswer(200, bytes('{"active":false}'))).toEqual({ kind: 'inactive' })
})

test.each([
  [200, '{}'],
  [200, '{"active":"true"}'],
  [200, '[true]'],
  [200, 'null'],
  [200, 'not json'],
  [401, '{"active":true}'],
  [500, '{"active":false}'],
])('%i with %s is no answer', (status, text) => {
  expect(readAnswer(status, bytes(text))).toBeNull()
})

test('a body that is too long is no answer', () => {
  expect(readAnswer(200, null)).toBeNull()
})

test.each([
  [{}, 60_000],
  [{ exp: 1_030 }, 30_000],
  [{ exp: 1_000 }, 0],
  [{ exp: 900 }, 0],
  [{ exp: 9_999 }, 60_000],
])('an active token with %j is kept %i milliseconds at second 1000', (claims, ms) => {
  const rules = { cacheSeconds: 60, negativeCacheSeconds: 10 }
  expect(keepMs({ kind: 'active', claims }, 1_000_000, rules)).toBe(ms)
  expect(keepMs({ kind: 'inactive' }, 1_000_000, rules)).toBe(10_000)
})

const rules: AnswerRules = {
  issuers: ['https://id.example.com'],
  audiences: ['shop'],
  scopes: ['read'],
  consumerClaim: 'sub',
  rolesClaim: '/realm/roles',
  scopesClaim: 'scope',
  permissionsClaim: 'permissions',
  source: 'id.example.com',
}
const claims = {
  iss: 'https://id.example.com',
  aud: ['other', 'shop'],
  sub: 'ada',
  scope: 'read write',
  realm: { roles: ['admin'] },
  exp: 2_000,
}
const judge = (change: object, own: Partial<AnswerRules> = {}) =>
  bindJudge({ ...rules, ...own })({ kind: 'active', claims: { ...claims, ...change } }, 1_000)

test('an answer that holds makes the caller known', () => {
  expect(judge({})).toEqual({
    kind: 'accepted',
    authority: 'introspection:https://id.example.com',
    subject: 'ada',
    roles: ['admin'],
    scopes: ['read', 'write'],
    permissions: [],
  })
})

test.each([
  [{ exp: 1_000 }, 'token-expired'],
  [{ nbf: 1_001 }, 'token-not-yet-valid'],
  [{ iss: 'https://evil.example' }, 'issuer-mismatch'],
  [{ iss: undefined }, 'issuer-mismatch'],
  [{ aud: 'other' }, 'audience-mismatch'],
  [{ aud: undefined }, 'audience-mismatch'],
  [{ sub: undefined }, 'subject-missing'],
  [{ sub: '' }, 'subject-missing'],
  [{ sub: 7 }, 'subject-missing'],
])('an answer with %j is refused as %s', (change, reason) => {
  expect(judge(change)).toEqual({ kind: 'refused', reason })
})

test('a scope that is missing is another thing than a bad token', () => {
  expect(judge({ scope: 'write' })).toEqual({ kind: 'insufficient' })
})

test('an answer without issuer is of its endpoint', () => {
  expect(judge({ iss: undefined }, { issuers: null })).toMatchObject({
    authority: 'introspection:id.example.com',
  })
})

test('an inactive token is refused', () => {
  expect(bindJudge(rules)({ kind: 'inactive' }, 0)).toEqual({
    kind: 'refused',
    reason: 'token-inactive',
  })
})

test('a secret is encoded as a form has it', () => {
  expect(formEncode('a b:c%ü')).toBe('a+b%3Ac%25%C3%BC')
})
