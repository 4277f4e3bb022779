import { expect, test } from 'vitest'
import { environmentOf, type Given, makeGateway, planOf } from '../../test/gateway.ts'
import { loadTable } from './load.ts'

const users = { targets: ['http://127.0.0.1:9101'] }
const answer = { respond: { status: 200 } }

function table(parts: object = {}, route: object = {}): object {
  return {
    version: 1,
    upstreams: { users },
    routes: [{ name: 'users', match: { path: '/users/*' }, upstream: 'users', ...route }],
    ...parts,
  }
}

function load(document: object, given: Given = {}) {
  return loadTable(JSON.stringify(document), environmentOf(given))
}

test('T7: a route that names no service, or one that is not there, is a problem of the document', () => {
  for (const route of [{ upstream: undefined }, { upstream: 'nobody' }]) {
    const loaded = load(table({}, route))
    expect(loaded.kind).toBe('invalid')
  }
})

test('a document with a problem of form is refused whole, with all of them', () => {
  const loaded = load({
    version: 1,
    routes: [
      { name: 'A', match: { path: 'x' }, respond: { status: 200 } },
      { name: 'b', match: {}, respond: { status: 20 }, extra: 1 },
    ],
  })
  expect(loaded.kind).toBe('invalid')
  if (loaded.kind !== 'invalid') return
  const pointers = loaded.problems.map(({ pointer }) => pointer)
  for (const pointer of ['/routes/0/name', '/routes/0/match/path', '/routes/1/respond/status']) {
    expect(pointers).toContain(pointer)
  }
  expect(loaded.problems.length).toBeGreaterThanOrEqual(4)
})

test('policies run by their stages, and in list order within one', () => {
  const plan = planOf(
    table(
      {},
      {
        policies: [
          { use: 'rewrite', stripPrefix: '/users' },
          { use: 'request-headers', name: 'first', set: { a: '1' } },
          { use: 'ip-filter', deny: ['192.0.2.0/24'] },
          { use: 'request-headers', name: 'second', set: { a: '2' } },
          { use: 'request-id' },
        ],
      },
    ),
  )
  expect(plan.routes[0]?.policies.map(({ name }) => name)).toEqual([
    'request-id-1',
    'ip-filter-1',
    'rewrite-1',
    'first',
    'second',
  ])
})

test('of a kind that there is one of, the last in defaults, set, route wins whole', () => {
  const plan = planOf(
    table(
      {
        defaults: { policies: [{ use: 'request-id', header: 'X-A' }, 'edge'] },
        policySets: { edge: [{ use: 'request-id', header: 'X-B' }] },
      },
      { policies: [{ use: 'request-id', name: 'mine' }] },
    ),
  )
  expect(plan.routes[0]?.policies).toMatchObject([{ name: 'mine', from: 'route' }])
})

test('of a kind that there are many of, all run, and each has a name of its own', () => {
  const set = { use: 'response-headers', set: { a: '1' } }
  const plan = planOf(table({ defaults: { policies: [set] } }, { policies: [set, set] }))
  expect(plan.routes[0]?.policies.map(({ name, from }) => [name, from])).toEqual([
    ['response-headers-1', 'defaults'],
    ['response-headers-2', 'route'],
    ['response-headers-3', 'route'],
  ])
})

test('skip leaves out policies of the defaults, by use or by name', () => {
  const defaults = {
    policies: [
      { use: 'request-id' },
      { use: 'response-headers', name: 'hsts', set: { a: '1' } },
      { use: 'response-headers', name: 'other', set: { b: '1' } },
    ],
  }
  const plan = planOf(table({ defaults }, { skip: ['request-id', 'hsts'] }))
  expect(plan.routes[0]?.policies.map(({ name }) => name)).toEqual(['other'])
})

test('a policy that is off is not in the pipeline, and still wins over the one before it', () => {
  const plan = planOf(
    table(
      { defaults: { policies: [{ use: 'request-id' }] } },
      { policies: [{ use: 'request-id', mode: 'off' }] },
    ),
  )
  expect(plan.routes[0]?.policies).toEqual([])
})

test('a route that lacks a secret answers ROUTE_UNAVAILABLE, and no other does', async () => {
  const document = {
    version: 1,
    upstreams: { users, keyed: { ...users, headers: { 'X-Key': { secret: 'KEY' } } } },
    routes: [
      { name: 'ok', match: { path: '/ok' }, upstream: 'users' },
      { name: 'keyed', match: { path: '/keyed' }, upstream: 'keyed' },
      {
        name: 'header',
        match: { path: '/header' },
        policies: [{ use: 'request-headers', set: { 'X-Key': { secret: 'OTHER' } } }],
        upstream: 'users',
      },
      { name: 'bound', match: { path: '/bound' }, upstream: { targets: ['binding://SHOP'] } },
    ],
  }
  const gateway = makeGateway(document)
  expect((await gateway.ask({ target: '/ok' })).status).toBe(200)
  for (const target of ['/keyed', '/header', '/bound']) {
    const response = await gateway.ask({ target })
    expect(await response.json()).toMatchObject({ code: 'ROUTE_UNAVAILABLE', status: 500 })
  }
  expect(gateway.plan.missing).toEqual([
    { pointer: '/upstreams/keyed/headers/X-Key', code: 'SECRET_MISSING', name: 'KEY' },
    {
      pointer: '/routes/2/policies/0/set/X-Key',
      code: 'SECRET_MISSING',
      name: 'OTHER',
    },
    { pointer: '/routes/3/upstream/targets/0', code: 'SERVICE_MISSING', name: 'SHOP' },
  ])
})

test('secrets and service bindings are used where the Worker has them', async () => {
  const upstream = {
    targets: ['binding://SHOP/base'],
    headers: { Authorization: { secret: 'KEY', prefix: 'Bearer ' } },
  }
  const gateway = makeGateway(table({}, { upstream }), {
    secrets: { KEY: 's3cret' },
    services: ['SHOP'],
  })
  await gateway.ask({ target: '/users/7?a=1' })
  expect(gateway.calls[0]).toMatchObject({
    binding: 'SHOP',
    url: 'http://api.example.com/base/users/7?a=1',
    headers: { authorization: 'Bearer s3cret' },
  })
  expect(JSON.stringify(gateway.plan)).not.toContain('s3cret')
})

test('a table may not read the credentials of the gateway', () => {
  const named = (secret: string) =>
    load(table({}, { policies: [{ use: 'request-headers', set: { a: { secret } } }] })).kind
  expect(named('ADMIN_TOKEN')).toBe('invalid')
  expect(named('ISOGATE_BUILD')).toBe('invalid')
})

test('a variable stands wherever a string may, and a missing one takes out its own route', async () => {
  const document = {
    version: 1,
    upstreams: { users: { targets: [{ var: 'USERS_URL' }] }, other: users },
    routes: [
      { name: 'users', match: { path: '/users/*' }, upstream: 'users' },
      { name: 'other', match: { path: '/other' }, upstream: 'other' },
    ],
  }
  const given = { variables: { USERS_URL: 'http://127.0.0.1:7000/base' } }
  const gateway = makeGateway(document, given)
  await gateway.ask({ target: '/users/7' })
  expect(gateway.calls[0]?.url).toBe('http://127.0.0.1:7000/base/users/7')
  const without = makeGateway(document)
  const refused = await without.ask({ target: '/users/7' })
  expect(await refused.json()).toMatchObject({ code: 'ROUTE_UNAVAILABLE' })
  expect((await without.ask({ target: '/other' })).status).toBe(200)
  expect(without.plan.missing).toMatchObject([{ code: 'VARIABLE_MISSING', name: 'USERS_URL' }])
})

test('a variable that does not fit its place is told as such, and once', () => {
  const parts = { upstreams: { users: { targets: [{ var: 'URL' }] } } }
  const given = environmentOf({ variables: { URL: 'users.internal' } })
  const loaded = loadTable(JSON.stringify(table(parts)), given)
  expect(loaded).toMatchObject({
    lacks: [{ pointer: '/upstreams/users/targets/0', code: 'VARIABLE_INVALID' }],
  })
})

test('what is missing here is told beside what is wrong', () => {
  const parts = { upstreams: { users: { targets: [{ var: 'URL' }] } } }
  const loaded = loadTable(JSON.stringify(table(parts, { upstream: 'user' })), environmentOf({}))
  expect(loaded).toMatchObject({
    kind: 'invalid',
    problems: [{ code: 'VARIABLE_MISSING' }, { code: 'UPSTREAM_UNKNOWN' }],
  })
})

/** For each route the names of what it lacks. */
function lacksOf(document: object) {
  const { plan } = makeGateway({ version: 1, ...document })
  return plan.routes.map(({ missing }) => missing.map(({ name }) => name))
}

test('a missing variable takes out the routes that need it, and no other', () => {
  const routes = [
    { name: 'a', match: {}, upstream: 'u' },
    { name: 'b', match: {}, upstream: [{ upstream: 'v', weight: 1 }] },
    { name: 'c', match: {}, policies: ['s'], upstream: 'v' },
    { name: 'd', match: { path: { var: 'P' } }, upstream: 'v' },
  ]
  const policySets = { s: [{ use: 'ip-filter', allow: [{ var: 'A' }] }] }
  const upstreams = { u: { targets: [{ var: 'T' }] }, v: users }
  expect(lacksOf({ policySets, upstreams, routes })).toEqual([['T'], [], ['A'], ['P']])
})

test('a default that lacks a variable takes out the routes that run it', () => {
  const policies = [
    { use: 'ip-filter', allow: [{ var: 'A' }] },
    { use: 'cors', origins: [{ var: 'O' }] },
  ]
  const cors = { use: 'cors', origins: ['*'] }
  const routes = [
    { name: 'both', match: {}, ...answer },
    { name: 'own', match: {}, policies: [cors], ...answer },
    { name: 'neither', match: {}, policies: [cors], skip: ['ip-filter'], ...answer },
  ]
  expect(lacksOf({ defaults: { policies }, routes })).toEqual([['A', 'O'], ['A'], []])
})

test('proxies that are not known take out every route: all addresses would be wrong', () => {
  const clientIp = { source: 'forwarded', trustedCidrs: [{ var: 'PROXIES' }] }
  expect(lacksOf({ clientIp, routes: [{ name: 'a', match: {}, ...answer }] })).toEqual([
    ['PROXIES'],
  ])
})

test('what many routes lack is told once', () => {
  const policies = [{ use: 'request-headers', set: { a: { secret: 'KEY' } } }]
  const routes = ['a', 'b'].map((name) => ({ name, match: { path: `/${name}` }, ...answer }))
  const { plan } = makeGateway({ version: 1, defaults: { policies }, routes })
  expect(plan.missing).toEqual([
    { pointer: '/defaults/policies/0/set/a', code: 'SECRET_MISSING', name: 'KEY' },
  ])
})

test('a trusted text is not judged again, unless it holds variables', () => {
  const odd = JSON.stringify(table({}, { name: 'Not A Name' }))
  expect(loadTable(odd, environmentOf({})).kind).toBe('invalid')
  expect(loadTable(odd, environmentOf({}), { trusted: true }).kind).toBe('loaded')
  const variable = JSON.stringify(table({ upstreams: { users: { targets: [{ var: 'X' }] } } }))
  const loaded = loadTable(variable, environmentOf({}), { trusted: true })
  expect(loaded.kind === 'loaded' && loaded.plan.missing).toMatchObject([{ name: 'X' }])
})

test('a weighted list splits requests by chance', async () => {
  const document = {
    version: 1,
    upstreams: { v1: users, v2: { targets: ['http://127.0.0.1:9102'] } },
    routes: [
      {
        name: 'split',
        match: { path: '/*' },
        upstream: [
          { upstream: 'v1', weight: 90 },
          { upstream: 'v2', weight: 10 },
        ],
      },
    ],
  }
  // Two random numbers a request: one for the split, one for the log.
  const gateway = makeGateway(document, { fractions: [0.89, 0, 0.9, 0] })
  await gateway.ask()
  await gateway.ask()
  expect(gateway.events.map(({ upstream }) => upstream)).toEqual(['v1', 'v2'])
})

test('targets take turns by their weights', async () => {
  const targets = [{ url: 'http://127.0.0.1:1', weight: 2 }, 'http://127.0.0.1:2']
  const gateway = makeGateway(table({ upstreams: { users: { targets } } }))
  for (let count = 0; count < 6; count += 1) await gateway.ask({ target: '/users/7' })
  expect(gateway.events.map(({ target }) => target)).toEqual([0, 1, 0, 0, 1, 0])
})

test.each<[string, object]>([
  ['an upstream whose port is none', { upstreams: { users: { targets: ['http://a:99999'] } } }],
  ['an address that is none', { upstreams: { users: { targets: ['http://[::::]'] } } }],
  ['a base path with dot segments', { upstreams: { users: { targets: ['http://a/x/../y'] } } }],
  [
    'a framing field of an upstream',
    { upstreams: { users: { ...users, headers: { 'Content-Length': '3' } } } },
  ],
  [
    'one field of an upstream in two cases',
    { upstreams: { users: { ...users, headers: { 'X-Key': '1', 'x-key': '2' } } } },
  ],
])('%s is refused before anything is sent', (_what, parts) => {
  expect(load(table(parts)).kind).toBe('invalid')
})

test.each<[string, object]>([
  [
    'a line break in a header of an answer',
    { respond: { status: 200, headers: { 'X-A': 'a\nb' } } },
  ],
  [
    'a framing field of an answer',
    { respond: { status: 200, headers: { 'Transfer-Encoding': 'x' } } },
  ],
  ['a query in the path of a redirect', { redirect: { status: 302, path: '/a?b' } }],
  ['a backslash in the path of a redirect', { redirect: { status: 302, path: '/a\\b' } }],
  ['a fragment in the query of a redirect', { redirect: { status: 302, query: 'a#b' } }],
])('%s is refused', (_what, end) => {
  expect(load(table({}, { upstream: undefined, ...end })).kind).toBe('invalid')
})

test.each(['/a/../b', '/a/%2E./b', '/%zz', '/${query.a}/..'])(
  'a path of a rewrite that a service reads otherwise is refused: %s',
  (path) => {
    expect(load(table({}, { policies: [{ use: 'rewrite', path }] })).kind).toBe('invalid')
  },
)

test.each([
  ['', '"__proto__": {}'],
  ['/x-note', '"x-note": { "\\u005f_proto__": 1 }'],
])('a key "__proto__" is refused wherever it stands, and not dropped: %s', (pointer, member) => {
  const text = `{ "version": 1, "routes": [], ${member} }`
  expect(loadTable(text, environmentOf({}))).toMatchObject({
    kind: 'invalid',
    problems: [{ pointer: `${pointer}/__proto__`, code: 'KEY_INVALID' }],
  })
})

test('a condition on a header or parameter called "constructor" is one like any other', async () => {
  const match = { path: '/a', headers: { constructor: '1' }, query: { toString: '2' } }
  const gateway = makeGateway({ version: 1, routes: [{ name: 'a', match, ...answer }] })
  const target = '/a?toString=2'
  expect((await gateway.ask({ target, headers: { constructor: '1' } })).status).toBe(200)
  expect((await gateway.ask({ target })).status).toBe(404)
  expect((await gateway.ask({ target: '/a', headers: { constructor: '1' } })).status).toBe(404)
})
