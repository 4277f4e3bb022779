import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const basic = { use: 'basic-auth', users: { ada: { password: { secret: 'ADA' } } } }
const jwt = (issuer: string | string[]) => ({
  use: 'jwt',
  issuer,
  jwksUrl: 'https://id.example.com/keys',
})

function warningsOf(policies: readonly object[], consumers: object) {
  const route = { name: 'only', match: { path: '/*' }, policies, respond: { status: 200 } }
  const text = JSON.stringify({ version: 1, consumers, routes: [route] })
  const loaded = loadTable(text, environmentOf({ secrets: { ADA: 'x' } }))
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems))
  return loaded.warnings.map(({ pointer, code }) => ({ pointer, code }))
}

test('an entry without issuers is warned of once there are two', () => {
  const consumers = { app: {}, sure: { issuers: ['https://a.example'] } }
  expect(warningsOf([jwt(['https://a.example', 'https://b.example'])], consumers)).toEqual([
    { pointer: '/consumers/app', code: 'CONSUMER_UNMATCHED' },
  ])
  expect(warningsOf([jwt('https://a.example')], consumers)).toEqual([])
})

test('issuers in any-of and in several policies count together', () => {
  const both = [
    { use: 'any-of', policies: [jwt('https://a.example'), basic] },
    jwt('https://b.example'),
  ]
  expect(warningsOf(both, { app: {} })).toEqual([
    { pointer: '/consumers/app', code: 'CONSUMER_UNMATCHED' },
  ])
})

test('an issuer that no policy trusts is warned of', () => {
  const consumers = {
    app: { issuers: ['https://a.exmaple', 'basic', 'key', 'jwt:https://a.example', 'jwt:basic'] },
  }
  expect(warningsOf([jwt('https://a.example'), basic], consumers)).toEqual([
    { pointer: '/consumers/app/issuers/0', code: 'CONSUMER_ISSUER_UNKNOWN' },
    { pointer: '/consumers/app/issuers/2', code: 'CONSUMER_ISSUER_UNKNOWN' },
    { pointer: '/consumers/app/issuers/4', code: 'CONSUMER_ISSUER_UNKNOWN' },
  ])
})

test('a consumer in authorize that the table does not list is warned of', () => {
  const pair = { authority: 'basic', subject: 'ada' }
  const policies = [
    basic,
    { use: 'authorize', consumers: ['app', 'ap', pair] },
    { use: 'authorize', consumers: { all: ['ap'] } },
  ]
  expect(warningsOf(policies, { app: {} })).toEqual([
    { pointer: '/routes/0/policies/1/consumers/1', code: 'CONSUMER_UNKNOWN' },
    { pointer: '/routes/0/policies/2/consumers/all/0', code: 'CONSUMER_UNKNOWN' },
  ])
})

test('a permission on a route that knows nobody is warned of', () => {
  expect(warningsOf([{ use: 'authorize', roles: ['x'] }], {})).toEqual([
    { pointer: '/routes/0', code: 'IDENTITY_MISSING' },
  ])
})

test('a claim pattern that is not anchored is warned of', () => {
  const claims = { email: { regex: '@example\\.com' } }
  expect(warningsOf([basic, { use: 'authorize', claims }], {})).toEqual([
    { pointer: '/routes/0/policies/1/claims/email/regex', code: 'PATTERN_UNANCHORED' },
  ])
})
