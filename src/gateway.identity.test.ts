/** What tables with identity mean for whole requests: who passes, who is told what, what is marked open. */
import { describe, expect, test } from 'vitest'
import { makeGateway } from '../test/gateway.ts'
import type { Event } from './observe/event.ts'

const secrets = { ADA: 'right', BOB: 'right' }
const users = { ada: { password: { secret: 'ADA' } }, bob: { password: { secret: 'BOB' } } }
const basic = { use: 'basic-auth', users }
const as = (user: string, password = 'right') => ({
  headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
})

const upstreams = { service: { targets: ['http://127.0.0.1:9101'] } }

function gatewayOf(policies: readonly object[], more: object = {}) {
  const routes = [{ name: 'only', match: { path: '/*' }, policies, upstream: 'service' }]
  return makeGateway({ version: 1, upstreams, routes, ...more }, { secrets })
}

const outcomes = (events: readonly Event[]) => events.map(({ policies }) => policies)

describe('who is calling is known before anything is counted', () => {
  test('T2: policies of the limit stage and later see the verified caller', async () => {
    const gold = { use: 'request-headers', name: 'gold', set: { 'X-Tier': 'gold' } }
    const { ask, calls } = gatewayOf(
      [
        { ...gold, when: { consumer: { plans: ['gold'] } } },
        { ...basic, optional: true },
      ],
      { consumers: { ada: { plan: 'gold' } } },
    )
    await ask(as('ada'))
    await ask(as('bob'))
    await ask({})
    expect(calls.map(({ headers }) => headers['x-tier'])).toEqual(['gold', undefined, undefined])
  })

  test('T3: an unverified credential says nothing of the caller, in shadow mode neither', async () => {
    const known = { use: 'request-headers', set: { 'X-Caller': '${claims.sub}' } }
    const { ask, calls, events } = gatewayOf([{ ...basic, mode: 'shadow' }, known])
    await ask(as('ada', 'wrong'))
    await ask(as('ada'))
    expect(calls.map(({ headers }) => headers['x-caller'])).toEqual(['', 'ada'])
    expect(outcomes(events)[0]).toMatchObject({ 'basic-auth-1': 'would-refuse:password-wrong' })
  })

  test('T3: a header that clients rotate makes no other caller', async () => {
    const known = { use: 'request-headers', set: { 'X-Caller': '${claims.sub}' } }
    const { ask, calls } = gatewayOf([basic, known])
    for (const key of ['1', '2', '3']) {
      await ask({ headers: { ...as('ada').headers, 'x-api-key': key } })
    }
    expect(calls.map(({ headers }) => headers['x-caller'])).toEqual(['ada', 'ada', 'ada'])
  })

  test.each(['Basic', 'basic', 'BASIC', 'bAsIc'])(
    'T6: the scheme %s is the scheme Basic',
    async (scheme) => {
      const { ask } = gatewayOf([basic])
      const headers = { authorization: `${scheme} ${btoa('ada:right')}` }
      expect((await ask({ headers })).status).toBe(200)
    },
  )
})

describe('an anonymous caller', () => {
  test('has no name, no plan and no claims, and shares nothing that is kept by caller', async () => {
    const say = {
      use: 'request-headers',
      set: { 'X-Who': '[${consumer.name}${consumer.plan}${claims.sub}]' },
    }
    // An entry of this name is nobody's: no subject is empty, and no anonymous caller has one.
    const { ask, calls, events } = gatewayOf([{ ...basic, optional: true }, say], {
      consumers: { anonymous: { plan: 'free', roles: ['all'] }, '': { plan: 'gold' } },
    })
    await ask({})
    expect(calls[0]?.headers['x-who']).toBe('[]')
    expect(events[0]?.consumer).toBeNull()
  })

  test('is asked who it is where a permission is needed', async () => {
    const authorize = { use: 'authorize', roles: ['all'] }
    const { ask, calls } = gatewayOf([{ ...basic, optional: true }, authorize])
    const response = await ask({})
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(await response.json()).toMatchObject({ code: 'CREDENTIALS_MISSING' })
    expect(calls).toEqual([])
  })

  test('does not pass with a bad credential, optional or not', async () => {
    const { ask, calls } = gatewayOf([{ ...basic, optional: true }])
    expect((await ask(as('ada', 'wrong'))).status).toBe(401)
    expect(calls).toEqual([])
  })
})

describe('permission', () => {
  const consumers = { ada: { roles: ['writer'] } }

  test('roles of the consumer count as those of the credential', async () => {
    const { ask, events } = gatewayOf([basic, { use: 'authorize', roles: ['writer'] }], {
      consumers,
    })
    expect((await ask(as('ada'))).status).toBe(200)
    const denied = await ask(as('bob'))
    expect(denied.status).toBe(403)
    expect(denied.headers.get('www-authenticate')).toBeNull()
    expect(await denied.json()).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(outcomes(events)[1]).toMatchObject({ 'authorize-1': 'refused:roles' })
  })

  test('a path parameter is held against the subject', async () => {
    const own = { use: 'authorize', claims: { sub: { equals: '${params.userId}' } } }
    const routes = [
      {
        name: 'own',
        match: { path: '/users/:userId' },
        policies: [own, basic],
        upstream: 'service',
      },
    ]
    const { ask } = gatewayOf([], { routes })
    const status = async (target: string) => (await ask({ target, ...as('ada') })).status
    expect(await status('/users/ada')).toBe(200)
    expect(await status('/users/%61da')).toBe(200)
    expect(await status('/users/bob')).toBe(403)
    expect(await status('/users/ADA')).toBe(403)
    expect(await status('/users/ada%2F..%2Fbob')).toBe(403)
  })

  test('in shadow mode it lets pass and says what it would have done', async () => {
    const watch = { use: 'authorize', roles: ['writer'], mode: 'shadow' }
    const { ask, events } = gatewayOf([basic, watch], { consumers })
    expect((await ask(as('bob'))).status).toBe(200)
    expect(outcomes(events)[0]).toMatchObject({ 'authorize-1': 'would-refuse:roles' })
  })
})

test('an answer shows who called, although its headers are decided before', async () => {
  const show = { use: 'response-headers', set: { 'X-Caller': '${claims.sub}/${consumer.plan}' } }
  const { ask } = gatewayOf([show, { ...basic, optional: true }], {
    consumers: { ada: { plan: 'gold' } },
  })
  expect((await ask(as('ada'))).headers.get('x-caller')).toBe('ada/gold')
  expect((await ask(as('bob'))).headers.get('x-caller')).toBe('bob/')
  expect((await ask({})).headers.get('x-caller')).toBe('/')
})

test('any-of asks once for each kind of credential', async () => {
  const other = { use: 'api-key' }
  const { ask } = gatewayOf([{ use: 'any-of', policies: [basic, other] }])
  const challenge = (await ask({})).headers.get('www-authenticate')
  expect(challenge?.match(/Basic realm=/g)).toHaveLength(1)
  expect(challenge?.split(/, (?=[A-Z])/)).toHaveLength(2)
})

test('a preflight is never asked who it is', async () => {
  const cors = { use: 'cors', origins: ['https://app.example.com'], methods: ['PUT'] }
  const { ask, calls } = gatewayOf([
    cors,
    { use: 'any-of', policies: [basic] },
    { use: 'authorize', roles: ['x'] },
  ])
  const headers = {
    origin: 'https://app.example.com',
    'access-control-request-method': 'PUT',
  }
  const response = await ask({ method: 'OPTIONS', headers })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
  expect(calls).toEqual([])
  // Its own request is.
  expect((await ask({ method: 'PUT', headers: { origin: headers.origin } })).status).toBe(401)
})

const authorize = { use: 'authorize', roles: ['x'] }

test.each<[string, readonly object[], boolean]>([
  ['no policies', [], true],
  ['an enforced identity', [basic], false],
  ['an optional one', [{ ...basic, optional: true }], true],
  ['a shadowed one', [{ ...basic, mode: 'shadow' }], true],
  ['one that is off', [{ ...basic, mode: 'off' }], true],
  ['one for some requests', [{ ...basic, when: { methods: ['POST'] } }], true],
  ['any-of', [{ use: 'any-of', policies: [basic] }], false],
  ['an optional any-of', [{ use: 'any-of', policies: [basic], optional: true }], true],
  ['a shadowed any-of', [{ use: 'any-of', policies: [basic], mode: 'shadow' }], true],
  ['an optional one before authorize', [{ ...basic, optional: true }, authorize], false],
  [
    'a shadowed authorize',
    [
      { ...basic, optional: true },
      { ...authorize, mode: 'shadow' },
    ],
    true,
  ],
])('a route with %s is marked', (_what, policies, open) => {
  expect(gatewayOf(policies).plan.routes[0]?.open).toBe(open)
})

test.each([
  { ...basic, realm: { var: 'NOWHERE' }, forward: { sub: 'X-User' } },
  {
    use: 'any-of',
    policies: [{ ...basic, realm: { var: 'NOWHERE' }, forward: { sub: 'X-User' } }],
  },
  { use: 'request-headers', set: { 'X-User': '${claims.sub}', 'X-Other': { var: 'NOWHERE' } } },
])('a name stays reserved where its policy lacks a variable', async (policy) => {
  const routes = [
    { name: 'lacking', match: { path: '/lacking' }, policies: [policy], upstream: 'service' },
    { name: 'other', match: { path: '/other' }, upstream: 'service' },
  ]
  const { ask, calls } = gatewayOf([], { routes })
  expect((await ask({ target: '/lacking' })).status).toBe(500)
  await ask({ target: '/other', headers: { 'x-user': 'forged' } })
  expect(calls.map(({ headers }) => headers['x-user'])).toEqual([undefined])
})
