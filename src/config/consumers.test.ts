import { expect, test } from 'vitest'
import type { Caller } from '../pipeline/policy.ts'
import { bindConsumers } from './consumers.ts'
import type { RouteTable } from './schema.ts'

const table = (consumers: RouteTable['consumers']): RouteTable => ({
  version: 1,
  consumers,
  routes: [],
})

const caller = (authority: string, subject: string, more: Partial<Caller> = {}): Caller => ({
  authority,
  subject,
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: null,
  ...more,
})

const A = 'jwt:https://a.example'
const B = 'jwt:https://b.example'

function nameOf(consumers: RouteTable['consumers'], issuers: number, who: Caller) {
  return bindConsumers(table(consumers), issuers)(who)?.name ?? null
}

test('a caller is the entry of its subject', () => {
  expect(nameOf({ app: {} }, 1, caller(A, 'app'))).toBe('app')
  expect(nameOf({ app: {} }, 1, caller(A, 'other'))).toBeNull()
})

test('with two issuers an entry without issuers is no token', () => {
  const consumers = { app: { plan: 'gold' } }
  for (const authority of [A, B, 'introspection:https://c.example', 'external:https://d.example']) {
    expect(nameOf(consumers, 2, caller(authority, 'app'))).toBeNull()
  }
  expect(nameOf(consumers, 2, caller('basic', 'app'))).toBe('app')
})

test('two issuers whose subjects are equal never meet', () => {
  const consumers = { app: { issuers: ['https://a.example'] } }
  expect(nameOf(consumers, 2, caller(A, 'app'))).toBe('app')
  expect(nameOf(consumers, 2, caller(B, 'app'))).toBeNull()
  expect(nameOf(consumers, 1, caller(B, 'app'))).toBeNull()
  expect(nameOf(consumers, 1, caller('basic', 'app'))).toBeNull()
})

test('the word basic is the users of the table, never an issuer that calls itself so', () => {
  const consumers = { app: { issuers: ['basic'] } }
  expect(nameOf(consumers, 1, caller('basic', 'app'))).toBe('app')
  expect(nameOf(consumers, 1, caller('jwt:basic', 'app'))).toBeNull()
})

test.each(['mtls:CN=CA', 'introspection:https://c.example', 'external:https://d.example', A])(
  'an authority may be named in full: %s',
  (authority) => {
    expect(nameOf({ app: { issuers: [authority] } }, 3, caller(authority, 'app'))).toBe('app')
  },
)

test('an issuer is not the beginning of another', () => {
  const consumers = { app: { issuers: ['https://a.example'] } }
  expect(nameOf(consumers, 1, caller('jwt:https://a.example.evil', 'app'))).toBeNull()
})

test.each(['constructor', '__proto__', 'toString', ''])('the subject %j is nobody', (subject) => {
  expect(nameOf({ app: {} }, 1, caller(A, subject))).toBeNull()
})

test('the record of a key names its consumer, and a subject does not', () => {
  const consumers = { app: { plan: 'standard', issuers: ['https://a.example'] } }
  const resolve = bindConsumers(table(consumers), 1)
  expect(resolve(caller('key', 'k1', { consumer: 'app' }))).toMatchObject({ plan: 'standard' })
  expect(resolve(caller('key', 'app'))).toBeNull()
  expect(resolve(caller('key', 'k1', { consumer: 'nobody' }))).toEqual({
    name: 'nobody',
    plan: null,
    roles: [],
    metadata: {},
  })
})
