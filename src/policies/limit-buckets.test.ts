import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../test/exchange.ts'
import type { Claim } from '../buckets/claims.ts'
import type { BucketPlace } from '../buckets/shape.ts'
import type { Identity } from '../pipeline/exchange.ts'
import { definition as concurrency } from './concurrency/policy.ts'
import { bindLimitBuckets } from './limit-buckets.ts'
import { bindLimitKey, type LimitKeyOptions } from './limit-key.ts'
import { definition as quota } from './quota/policy.ts'
import { definition as rateLimit } from './rate-limit/policy.ts'

const context = makeBindContext()

function caller(subject: string, authority = 'key', claims = {}): Identity {
  return { authority, subject, claims, roles: [], scopes: [], permissions: [], consumer: null }
}

const find = (
  options: LimitKeyOptions,
  values: readonly string[],
  identity: Identity | null = null,
) =>
  bindLimitBuckets(options, context, {
    shapes: null,
    claims: (place: BucketPlace) => [{ place } as Claim],
  }).find({ values, identity, colo: 'FRA' })

const ada = caller('ada', 'jwt:https://id.example.com', { org: 'acme' })
const anonymous = { identity: null }

/** What an operator sees of a request's key leads back to the bucket of that request. */
test.each<[string, readonly string[], ExchangeParts, readonly string[]]>([
  ['a caller', ['consumer'], { identity: ada }, ['jwt:https://id.example.com|ada']],
  ['an address', ['consumer'], { client: { address: '192.0.2.7' } }, ['address|192.0.2.7']],
  ['no address', ['consumer'], { client: { address: null } }, ['address|']],
  ['an IPv6 network', ['client.ip'], { client: { address: '2001:db8::1' } }, ['2001:db8:0:0::/64']],
  ['a mapped address', ['client.ip'], { client: { address: '::ffff:c000:207' } }, ['192.0.2.7']],
  ['an unknown address', ['client.ip'], { client: { address: null } }, ['']],
  ['a route', ['route'], {}, ['users']],
  ['everything', ['global'], {}, ['global']],
  ['a country', ['country'], { client: { country: 'DE' } }, ['DE']],
  ['a header', ['header.x-tenant'], { headers: { 'x-tenant': 'acme' } }, ['acme']],
  ['a missing header', ['header.x-tenant'], {}, ['']],
  ['a parameter', ['params.id'], { params: { id: '7' } }, ['7']],
  ['a claim', ['claims.org'], { identity: ada }, ['acme']],
  ['a claim of nobody', ['claims.org'], anonymous, ['']],
  [
    'a caller and a claim',
    ['consumer', 'claims.none'],
    { identity: ada },
    ['jwt:https://id.example.com|ada', ''],
  ],
  [
    'a template of two names',
    ['${client.ip}/${params.id}', 'route'],
    { client: { address: '2001:db8::1' }, params: { id: '7' } },
    ['2001:db8:0:0::/64', '7', 'users'],
  ],
])('the bucket of %s is found by what is shown of it', (_, by, parts, shown) => {
  const exchange = makeExchange(parts)
  const { shown: text = '', ...place } = bindLimitKey({ by }, context)(exchange)
  expect(JSON.parse(text)).toEqual(shown)
  const identity = by.includes('consumer') ? exchange.identity : null
  expect(find({ by }, shown, identity)).toEqual({ kind: 'found', claims: [{ place }] })
})

test('each location has its bucket, and is shown before the key', () => {
  const options: LimitKeyOptions = { by: ['route'], scope: 'colo' }
  const exchange = makeExchange({ client: { colo: 'FRA' } })
  const { shown, ...place } = bindLimitKey(options, context)(exchange)
  expect(shown).toBe('["FRA","users"]')
  expect(find(options, ['users'])).toEqual({ kind: 'found', claims: [{ place }] })
})

test('an address is the same whichever way it is written', () => {
  const networks = ['2001:db8::9', '2001:db8:0:0::/64', '2001:DB8:0:0:1::'].map((text) =>
    find({ by: ['client.ip'] }, [text]),
  )
  expect(networks[1]).toEqual(networks[0])
  expect(networks[2]).toEqual(networks[0])
  const plain = find({ by: ['consumer'] }, ['192.0.2.7'])
  expect(plain).toEqual(find({ by: ['consumer'] }, ['address|192.0.2.7']))
})

test.each<[readonly string[], readonly string[], number]>([
  [['client.ip'], ['here'], 0],
  [['route', 'client.ip'], ['users', '192.0.2.300'], 1],
  [['${params.id}${client.ip}'], ['7', 'x'], 1],
  [['consumer'], ['somebody'], 0],
  [['consumer'], ['address|x'], 0],
  [['consumer'], [''], 0],
  [['params.id', 'global'], ['7', 'world'], 1],
])('of %j the values %j are none', (by, values, index) => {
  expect(find({ by }, values)).toMatchObject({ kind: 'invalid', index })
})

test.each(['header.authorization', 'header.X-Api-Key', 'query.access_token', 'cookie.sid'])(
  'of %s, which may be a credential, only a hash is shown',
  (name) => {
    const exchange = makeExchange({
      url: 'https://api.example.com/?access_token=s3cret',
      headers: { authorization: 's3cret', 'x-api-key': 's3cret', cookie: 'sid=s3cret' },
    })
    const { shown } = bindLimitKey({ by: [name] }, context)(exchange)
    expect(shown).toMatch(/^\["#[0-9a-f]{16}"\]$/)
  },
)

test('a long value is shown by its beginning, and apart from others that begin alike', () => {
  const shownOf = (id: string) =>
    bindLimitKey({ by: ['params.id'] }, context)(makeExchange({ params: { id } })).shown
  const long = 'x'.repeat(250)
  expect(shownOf(`${long}1`)).toMatch(/^\["x{64}…#[0-9a-f]{16}"\]$/)
  expect(shownOf(`${long}1`)).not.toBe(shownOf(`${long}2`))
})

const planned = {
  ...context,
  plans: new Map([
    [
      'gold',
      { limits: [{ limit: 5, windowSeconds: 60 }], quotas: [{ limit: 9, per: 'day' as const }] },
    ],
  ]),
}
const gold: Identity = {
  ...caller('shop'),
  consumer: { name: 'shop', plan: 'gold', roles: [], metadata: {} },
}
const key = (identity: Identity | null, values = ['key|shop']) => ({ values, identity, colo: '' })

test('the buckets of each limit are those that its requests take from', () => {
  const exchange = makeExchange({ identity: gold })
  const limits = [
    rateLimit.bind(
      {
        use: 'rate-limit',
        limits: [
          { limit: 5, windowSeconds: 60 },
          { limit: 50, windowSeconds: 3600 },
        ],
      },
      planned,
    ),
    rateLimit.bind({ use: 'rate-limit', plan: true }, planned),
    quota.bind({ use: 'quota', limit: 9, per: 'day' }, planned),
    quota.bind({ use: 'quota', plan: true }, planned),
    concurrency.bind({ use: 'concurrency', limit: 3 }, planned),
  ]
  const lengths = limits.map((limit) => {
    if (limit.kind !== 'limit') throw new Error(limit.kind)
    const taken = limit.claims(exchange)
    if ('kind' in taken) throw new Error(taken.kind)
    const found = limit.buckets.find(key(gold))
    const bare = taken.map(({ place: { shown: _, ...place }, ...claim }) => ({ ...claim, place }))
    expect(found).toEqual({ kind: 'found', claims: bare })
    return limit.buckets.shapes?.length ?? null
  })
  expect(lengths).toEqual([2, null, 1, null, 1])
})

test('a caller of whom no plan says anything has no buckets', () => {
  for (const limit of [
    rateLimit.bind({ use: 'rate-limit', plan: true }, planned),
    quota.bind({ use: 'quota', plan: true }, planned),
  ]) {
    if (limit.kind !== 'limit') throw new Error(limit.kind)
    expect(limit.buckets.find(key(null, ['192.0.2.7']))).toEqual({ kind: 'without-plan' })
  }
})
