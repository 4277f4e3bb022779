import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../test/exchange.ts'
import type { Identity } from '../pipeline/exchange.ts'
import { bindLimitKey, bindPerKey, placeWithin } from './limit-key.ts'
import { judgeKeyPart } from './limit-key-parts.ts'

const id = 'route:users/rate-limit-1'
const context = makeBindContext({ name: 'rate-limit-1' })

function placeOf(by: readonly string[], parts: ExchangeParts = {}) {
  return bindLimitKey({ by }, context)(makeExchange(parts))
}

function caller(subject: string, authority = 'key', claims = {}): Identity {
  const none = { roles: [], scopes: [], permissions: [], consumer: null }
  return { authority, subject, claims, ...none }
}

const from = (address: string | null): ExchangeParts => ({ client: { address } })

test('a verified caller has an object of its own, whose name does not show who it is', () => {
  const place = placeOf(['consumer'], { identity: caller('ada@example.com') })
  expect(place).toEqual({
    policy: id,
    object: expect.stringMatching(/^route:users\/rate-limit-1\|k[0-9a-f]{32}$/),
    bucket: '',
    location: null,
    shown: '["key|ada@example.com"]',
  })
})

test('the same subject of two authorities has two objects', () => {
  const one = placeOf(['consumer'], { identity: caller('7', 'jwt:https://a.example') })
  const other = placeOf(['consumer'], { identity: caller('7', 'jwt:https://b.example') })
  expect(one.object).not.toBe(other.object)
})

test('an anonymous caller counts by address, in a shard', () => {
  const place = placeOf(['consumer'], from('203.0.113.7'))
  expect(place.object).toMatch(/^route:users\/rate-limit-1\|s[0-9a-f]{2}$/)
  expect(place.bucket).toBe('12:a203.0.113.7')
})

test('all callers without an address share one bucket', () => {
  expect(placeOf(['consumer'], from(null)).bucket).toBe('1:a')
  expect(placeOf(['client.ip'], from(null)).bucket).toBe('0:')
})

test.each(['consumer', 'client.ip', '${client.ip}'])(
  'by %s an IPv6 address is its /64',
  (entry) => {
    const one = placeOf([entry], from('2001:db8::1'))
    expect(placeOf([entry], from('2001:db8::ffff:1'))).toEqual(one)
    expect(placeOf([entry], from('2001:db8:0:1::1')).bucket).not.toBe(one.bucket)
  },
)

test('two lists of values never give the same key', () => {
  const by = ['query.a', 'query.b']
  const one = placeOf(by, { url: 'https://a.example/?a=x:1&b=y' })
  const other = placeOf(by, { url: 'https://a.example/?a=x&b=1:y' })
  expect(one.bucket).not.toBe(other.bucket)
})

const org = { identity: caller('7', 'key', { org: 'o' }) }

test.each<[string, readonly string[], ExchangeParts, boolean]>([
  ['the route', ['route'], {}, true],
  ['everything', ['global'], {}, true],
  ['the country', ['country'], {}, true],
  ['the continent', ['client.continent'], {}, true],
  ['the location', ['client.colo'], {}, true],
  ['a claim of a verified caller', ['claims.org'], org, true],
  ['a claim of an anonymous caller', ['claims.org'], {}, false],
  ['the plan of a verified caller', ['consumer.plan'], org, true],
  ['an address', ['client.ip'], org, false],
  ['a header', ['header.x-tenant'], org, false],
  ['a path parameter', ['params.id'], org, false],
  ['a query parameter', ['query.x'], org, false],
  ['a cookie', ['cookie.x'], org, false],
  ['the path', ['request.path'], org, false],
  ['the host', ['request.host'], org, false],
  ['a caller and the route', ['consumer', 'route'], org, true],
  ['a caller and a header', ['consumer', 'header.x'], org, false],
  ['a template of claims', ['${claims.org}-${route.name}'], org, true],
  ['a template with a header', ['${claims.org}-${header.x}'], org, false],
])('by %s: an object of its own', (_what, by, parts, own) => {
  const { object } = placeOf(by, parts)
  expect(object.startsWith(`${id}|k`)).toBe(own)
})

test('a key that anyone can write lives in one of 256 shards', () => {
  const objects = new Set<string>()
  for (let n = 0; n < 5_000; n += 1) {
    objects.add(placeOf(['header.x'], { headers: { x: `made up ${n}` } }).object)
  }
  expect(objects.size).toBe(256)
})

test('another salt gives other shards', () => {
  const salted = { ...context, environment: { ...context.environment, salt: 'secret' } }
  const by = { by: ['global'] }
  const exchange = makeExchange()
  const plain = bindLimitKey(by, context)(exchange)
  expect(bindLimitKey(by, salted)(exchange).object).not.toBe(plain.object)
})

test('the value of a header or cookie never stands in a name', () => {
  const parts = { headers: { 'x-api-key': 's3cret', cookie: 'session=s3cret' } }
  expect(placeOf(['header.x-api-key'], parts).bucket).toMatch(/^h[0-9a-f]{32}$/)
  expect(placeOf(['cookie.session'], parts).bucket).toMatch(/^h[0-9a-f]{32}$/)
})

test('a long key is hashed', () => {
  const long = 'x'.repeat(10_000)
  expect(placeOf(['params.id'], { params: { id: long } }).bucket).toMatch(/^h[0-9a-f]{32}$/)
})

test('the name of an object fits, however long the name of its policy is', () => {
  const set = makeBindContext({ id: `set:${'語'.repeat(1_000)}/rate-limit-1` })
  const { object } = bindLimitKey({ by: ['global'] }, set)(makeExchange())
  expect(new TextEncoder().encode(object).length).toBeLessThanOrEqual(1024)
})

test('with scope colo each location has its own object', () => {
  const key = bindLimitKey({ by: ['global'], scope: 'colo', location: 'weur' }, context)
  const fra = key(makeExchange({ client: { colo: 'FRA' } }))
  expect(fra.location).toBe('weur')
  expect(key(makeExchange({ client: { colo: 'MUC' } })).object).not.toBe(fra.object)
})

test('what is made of a key is made once, and anew for another table', () => {
  let count = 0
  const make = () => ++count
  const exchange = makeExchange(org)
  const key = bindPerKey({}, context, make)
  expect([key(exchange), key(exchange)]).toEqual([1, 1])
  expect(bindPerKey({}, context, make)(exchange)).toBe(2)
})

test('a second window of a key has its own bucket in the same object', () => {
  const own = { policy: id, object: 'o', bucket: '', location: null }
  expect(placeWithin(own, 'w60')).toEqual({ ...own, bucket: 'w60' })
})

test('a second window of a shard has shards of its own', () => {
  const shard = { policy: id, object: 'o', bucket: '3:a:b', location: null }
  expect(placeWithin(shard, 'w60')).toEqual({ ...shard, object: 'o/w60' })
})

test.each([
  'consumer',
  'client.ip',
  'header.X-Tenant',
  'claims.a.b',
  '${query.x}:${params.y}',
  'x-${query.z}',
])('by takes %s', (entry) => {
  expect(judgeKeyPart(entry)).toBeNull()
})

test.each(['', 'consumers', 'clent.ip', 'header.', 'a}', '${client.ip', '${x}', 'constructor'])(
  'by does not take %j',
  (entry) => {
    expect(judgeKeyPart(entry)).toEqual(expect.any(String))
  },
)
