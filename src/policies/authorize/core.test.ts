import { expect, test } from 'vitest'
import type { Identity } from '../../pipeline/exchange.ts'
import { bindClaimTest, bindConsumers, bindEquals, bindWanted, scopeChallenge } from './core.ts'

const identity: Identity = {
  authority: 'jwt:https://a.example',
  subject: 'mobile-app',
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: null,
}
const consumer = { name: 'mobile-app', plan: null, roles: [], metadata: {} }

test('of a list one is enough', () => {
  const has = bindWanted(['reader', 'writer'])
  expect([['reader'], ['writer', 'x'], [], ['Reader'], ['read']].map(has)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

test('of all each is needed', () => {
  const has = bindWanted({ all: ['reader', 'writer'] })
  expect([['reader'], ['writer', 'reader', 'x'], []].map(has)).toEqual([false, true, false])
})

test('admin is a name as any other', () => {
  expect(bindWanted(['reader'])(['admin'])).toBe(false)
  expect(bindWanted(['admin'])(['admin'])).toBe(true)
})

test('the name of a consumer is never a subject', () => {
  const isMeant = bindConsumers(['mobile-app'])
  expect(isMeant(identity)).toBe(false)
  expect(isMeant({ ...identity, consumer })).toBe(true)
})

test('a pair is a caller of one authority', () => {
  const isMeant = bindConsumers([{ authority: 'jwt:https://a.example', subject: 'mobile-app' }])
  expect(isMeant(identity)).toBe(true)
  expect(isMeant({ ...identity, authority: 'jwt:https://b.example' })).toBe(false)
})

test('all of several consumers is a consumer and a pair at once', () => {
  const pair = { authority: 'jwt:https://a.example', subject: 'mobile-app' }
  const isMeant = bindConsumers({ all: ['mobile-app', pair] })
  expect(isMeant({ ...identity, consumer })).toBe(true)
  expect(isMeant(identity)).toBe(false)
})

const claims = {
  sub: 'u7',
  level: 1,
  ok: true,
  none: null,
  groups: ['a', 'b'],
  empty: [],
  realm: { roles: ['x'] },
  'https://example.com/tenant': 't1',
}

test.each([
  ['sub', 'u7', true],
  ['sub', 'U7', false],
  ['level', 1, true],
  ['level', '1', false],
  ['ok', true, true],
  ['ok', 'true', false],
  ['none', null, true],
  ['none', { present: true }, true],
  ['groups', 'b', true],
  ['groups', 'c', false],
  ['groups', ['c', 'a'], true],
  ['groups', { not: 'a' }, false],
  ['groups', { not: 'c' }, true],
  ['groups', { not: ['c', 'b'] }, false],
  ['groups', { prefix: 'b' }, true],
  ['empty', { present: true }, true],
  ['empty', 'a', false],
  ['empty', { not: 'a' }, true],
  ['/realm/roles', 'x', true],
  ['/realm/roles/0', 'x', true],
  ['https://example.com/tenant', 't1', true],
  ['absent', { present: false }, true],
  ['absent', { not: 'x' }, true],
  ['absent', 'x', false],
  ['constructor', { present: true }, false],
  ['__proto__', { present: true }, false],
] as const)('the claim %s held against %j: %s', (name, condition, holds) => {
  expect(bindClaimTest(name, condition)(claims, '')).toBe(holds)
})

test.each([
  ['sub', 'u7', false, true],
  ['sub', 'u8', false, false],
  ['level', '1', false, false],
  ['level', '1', true, true],
  ['level', '01', true, false],
  ['ok', 'true', true, true],
  ['groups', 'b', false, true],
  ['none', 'null', true, false],
  ['realm', '[object Object]', true, false],
  ['absent', 'undefined', true, false],
] as const)('the claim %s against the text %j, as text %s: %s', (name, text, asText, holds) => {
  expect(bindEquals(name, { equals: '', asText })(claims, text)).toBe(holds)
})

test('a text that comes to nothing equals nothing, not even an empty claim', () => {
  expect(bindEquals('sub', { equals: '' })({ sub: '' }, '')).toBe(false)
})

test('the challenge names the scopes', () => {
  expect(scopeChallenge({ all: ['a', 'b'] })).toBe('Bearer error="insufficient_scope", scope="a b"')
})
