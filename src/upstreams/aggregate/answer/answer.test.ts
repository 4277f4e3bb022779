import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answered, DrivenRun, failed, planOf, runOf } from '../../../../test/aggregate-run.ts'
import { type ExchangeParts, makeExchange } from '../../../../test/exchange.ts'
import type { Identity } from '../../../pipeline/exchange.ts'
import type { Part } from '../part.ts'
import { bindAnswer } from './answer.ts'

type Planning = ReturnType<typeof planOf>

function answer(
  { options, plan }: Planning,
  parts: Readonly<Record<string, Part>>,
  exchange: ExchangeParts = {},
) {
  const asked = makeExchange({ url: 'https://api.example.com/page', route: 'page', ...exchange })
  return bindAnswer(options, plan)(asked, runOf(plan, parts))
}

async function read(...given: Parameters<typeof answer>) {
  const response = (await answer(...given)) as Response
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

const page = planOf({ user: { required: true }, orders: { default: [] }, cart: {} })
const whole = { cart: answered('{"n":1.0}'), user: answered('{"id":7}'), orders: answered('[ ]') }

test('the answer is the bodies of all calls in the order of the table', async () => {
  const { status, headers, text } = await read(page, whole)
  expect(status).toBe(200)
  expect(text).toBe('{"user":{"id":7},"orders":[ ],"cart":{"n":1.0}}')
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('content-length')).toBe('47')
  expect(headers.get('isogate-complete')).toBe('true')
})

test('the length counts bytes, not characters', async () => {
  const { headers, text } = await read(planOf({ a: {} }), { a: answered('"é✓"') })
  expect(text).toBe('{"a":"é✓"}')
  expect(headers.get('content-length')).toBe('13')
})

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)

test(`whichever calls fail, the answer has the other bodies and an error for exactly these (SEED=${seed})`, async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const plan = planOf(Object.fromEntries(names.map((name) => [name, { default: `no ${name}` }])))
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(names),
      fc.shuffledSubarray(names, { minLength: 5 }),
      async (failing, order) => {
        const parts = order.map((name) => [
          name,
          failing.includes(name) ? failed({ status: 503 }) : answered(`{"is":"${name}"}`),
        ])
        const { headers, text } = await read(plan, Object.fromEntries(parts))
        const { errors = [], ...bodies } = JSON.parse(text)
        expect(bodies).toEqual(
          Object.fromEntries(
            names.map((name) => [name, failing.includes(name) ? `no ${name}` : { is: name }]),
          ),
        )
        expect(errors.map(({ call }: { call: string }) => call)).toEqual(failing)
        expect(text.includes('"errors"')).toBe(failing.length > 0)
        expect(headers.get('isogate-complete')).toBe(String(failing.length === 0))
        expect(headers.get('cache-control')).toBe(failing.length === 0 ? null : 'no-store')
        expect(headers.has('etag')).toBe(failing.length === 0)
      },
    ),
    { seed, numRuns: 64 },
  )
})

test('what a partial answer is told to keep is overruled', async () => {
  const plan = planOf(
    { a: {}, b: {} },
    { response: { headers: { 'Cache-Control': 'max-age=60' } } },
  )
  const partial = await read(plan, { a: answered('1'), b: failed() })
  expect(partial.headers.get('cache-control')).toBe('no-store')
  const complete = await read(plan, {
    a: answered('1', { 'cache-control': 'max-age=5' }),
    b: answered('2'),
  })
  expect(complete.headers.get('cache-control')).toBe('max-age=60')
})

test('a required call that fails is the problem of the whole', async () => {
  const parts = { user: failed({ status: 404, code: 'CALL_NOT_FOUND' }) }
  expect(await answer(page, parts)).toMatchObject({
    code: 'CALL_NOT_FOUND',
    members: { call: 'user' },
    headers: { 'isogate-complete': 'false' },
  })
})

test('the same body has the same tag, and another body another', async () => {
  const first = await read(page, whole)
  const again = await read(page, whole)
  const other = await read(page, { ...whole, cart: answered('{"n":1.00}') })
  expect(first.headers.get('etag')).toMatch(/^"[0-9a-z-]+"$/)
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
  expect(other.headers.get('etag')).not.toBe(first.headers.get('etag'))
})

test('a client that has the whole gets 304, with the fields that a copy needs', async () => {
  const parts = {
    ...whole,
    user: answered('{"id":7}', { 'cache-control': 'max-age=5', vary: 'accept-language' }),
  }
  const plan = planOf({ user: {} }, { response: { headers: { 'X-Page': 'v1' } } })
  const { headers } = await read(plan, { user: parts.user })
  const tag = headers.get('etag') ?? ''
  for (const condition of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const known = await read(
      plan,
      { user: parts.user },
      { headers: { 'if-none-match': condition } },
    )
    expect(known.status).toBe(304)
    expect(known.text).toBe('')
    expect(Object.fromEntries(known.headers)).toEqual({
      etag: tag,
      'cache-control': 'max-age=5',
      vary: 'accept-language',
      'isogate-complete': 'true',
      'x-page': 'v1',
    })
  }
  const changed = await read(plan, { user: parts.user }, { headers: { 'if-none-match': '"x"' } })
  expect(changed.status).toBe(200)
})

test('a partial answer is never a 304, and one to POST has no tag', async () => {
  const partial = { ...whole, cart: failed() }
  const asked = { headers: { 'if-none-match': '*' } }
  expect((await read(page, partial, asked)).status).toBe(200)
  const posted = await read(page, whole, { method: 'POST', ...asked })
  expect(posted.status).toBe(200)
  expect(posted.headers.has('etag')).toBe(false)
})

test('HEAD gets the fields of GET, the length included, and no body', async () => {
  const get = await read(page, whole)
  const head = (await answer(page, whole, { method: 'HEAD' })) as Response
  expect(head.body).toBeNull()
  expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers))
})

test('only the cookies of listed calls go on, each a line of its own', async () => {
  const cookies = ['a=1; Path=/', 'b=2']
  const parts = {
    ...whole,
    user: answered('7', {}, { cookies }),
    cart: answered('1', {}, { cookies: ['c=3'] }),
  }
  const listed = planOf({ user: {}, orders: {}, cart: {} }, { setCookies: ['user'] })
  expect((await read(listed, parts)).headers.getSetCookie()).toEqual(cookies)
  expect((await read(page, parts)).headers.has('set-cookie')).toBe(false)
})

test('fields of parts do not go on, but for what caches are told', async () => {
  const own = {
    'last-modified': 'x',
    link: '</a>',
    'content-language': 'de',
    server: 's',
    date: 'd',
  }
  const { headers } = await read(page, {
    ...whole,
    user: answered('7', { ...own, 'cache-control': 'private' }),
  })
  expect([...headers.keys()]).toEqual([
    'cache-control',
    'content-length',
    'content-type',
    'etag',
    'isogate-complete',
  ])
  expect(headers.get('cache-control')).toBe('private')
})

test('the answer varies by what its calls forward, and by what the table reads', async () => {
  const vary = { vary: 'accept-language, x-shop, x-tenant, authorization, x-other' }
  const plan = planOf(
    {
      a: {
        forwardHeaders: ['X-Shop', 'Accept-Language'],
        headers: { 'X-Tenant': '${header.x-org}' },
      },
    },
    { reads: ['header.X-Org', 'cookie.theme', 'params.id', 'claims.sub'] },
  )
  const { headers } = await read(plan, { a: answered('1', vary) })
  expect(headers.get('vary')).toBe('accept-language, cookie, x-org, x-shop')
})

test('an answer to the credentials of the client is private', async () => {
  const plan = planOf({ a: { forwardHeaders: ['Authorization'] }, b: {} })
  const fresh = answered('1', { 'cache-control': 'max-age=9' })
  const authorization = { headers: { authorization: 'Bearer x' } }
  const own = await read(plan, { a: fresh, b: fresh }, authorization)
  expect(own.headers.get('cache-control')).toBe('private, max-age=9')
  const nobody = await read(plan, { a: fresh, b: fresh })
  expect(nobody.headers.get('cache-control')).toBe('max-age=9')
})

const identity: Identity = {
  authority: 'jwt:https://id.example.com',
  subject: 'u_7',
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: null,
}

test('an answer that the table makes of claims is private, whatever its services say', async () => {
  const shared = { a: answered('1', { 'cache-control': 'public, max-age=60' }) }
  for (const reads of [['claims.sub'], ['consumer.plan']]) {
    const plan = planOf({ a: {} }, { reads })
    const own = await read(plan, shared, { identity })
    expect(own.headers.get('cache-control')).toBe('private, max-age=60')
    const anyone = await read(plan, shared)
    expect(anyone.headers.get('cache-control')).toBe('public, max-age=60')
  }
  const byAddress = await read(planOf({ a: {} }, { reads: ['client.ip'] }), shared)
  expect(byAddress.headers.get('cache-control')).toBe('private, max-age=60')
})

test('an answer to a call that says who calls is private, unless its service says otherwise', async () => {
  const plan = planOf({ a: { forwardHeaders: ['X-User'] } })
  const ask = (cacheControl: string, exchange: ExchangeParts) =>
    read(plan, { a: answered('1', { 'cache-control': cacheControl }) }, exchange)
  expect((await ask('max-age=9', { identity })).headers.get('cache-control')).toBe(
    'private, max-age=9',
  )
  expect((await ask('public, max-age=9', { identity })).headers.get('cache-control')).toBe(
    'public, max-age=9',
  )
  expect((await ask('max-age=9', {})).headers.get('cache-control')).toBe('max-age=9')
})

test('a hundred calls make one answer in their order, whatever they hold', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `call${at}`)
  const big = `"${'x'.repeat(100_000)}"`
  const plan = planOf(Object.fromEntries(names.map((name) => [name, {}])))
  const { headers, text } = await read(
    plan,
    Object.fromEntries(names.toReversed().map((name) => [name, answered(big)])),
  )
  expect(text).toBe(`{${names.map((name) => `"${name}":${big}`).join(',')}}`)
  expect(headers.get('content-length')).toBe(String(text.length))
})

const worded = (json: string, more: object = {}) =>
  planOf({ user: {}, orders: { default: [] } }, { response: { json, ...more } })
const two = { user: answered('{"id":7,"n":1.0}'), orders: answered('[1,2]') }

test('an expression words the body out of status, fields and body of each call', async () => {
  const plan = worded(
    '{ "who": user.body.id, "status": orders.status, "tag": user.headers.etag, "of": params.id, "sum": $sum(orders.body) }',
  )
  const parts = { ...two, user: answered('{"id":7}', { etag: '"a"' }) }
  const { text } = await read(plan, parts, { params: { id: '9' } })
  expect(text).toBe('{"who":7,"status":200,"tag":"\\"a\\"","of":"9","sum":3}')
})

test('an expression that gives nothing is null, and a failure stands beside what it gives', async () => {
  expect((await read(worded('user.body.none'), two)).text).toBe('null')
  const parts = { ...two, orders: failed({ status: 404, value: [], default: [] }) }
  expect(JSON.parse((await read(worded('{ "orders": orders }'), parts)).text)).toMatchObject({
    orders: { status: 404, headers: {}, body: [] },
    errors: [{ call: 'orders', status: 404 }],
  })
  expect(JSON.parse((await read(worded('orders.body'), parts)).text)).toMatchObject({
    data: [],
    errors: [{ call: 'orders' }],
  })
})

test.each([
  [201, 201],
  ['user.status = 200 ? 202 : 500', 202],
])('status %j gives %d', async (status, expected) => {
  expect((await read(worded('user.body', { status }), two)).status).toBe(expected)
})

test.each(['199', '600', '200.5', '"200"', 'user.body.none'])(
  'a status of %s is none',
  async (status) => {
    expect(await answer(worded('user.body', { status }), two)).toMatchObject({
      code: 'TRANSFORM_FAILED',
      reason: 'status-invalid',
      headers: { 'isogate-complete': 'false' },
    })
  },
)

test('a status without content has none', async () => {
  const response = (await answer(worded('user.body', { status: 204 }), two)) as Response
  expect(response.body).toBeNull()
  expect([...response.headers.keys()]).toEqual(['isogate-complete'])
})

test('an expression that fails is a problem that says so', async () => {
  expect(await answer(worded('$sum(user.body)'), two)).toMatchObject({
    code: 'TRANSFORM_FAILED',
    headers: { 'isogate-complete': 'false' },
  })
})

test('fields are templates over the request and the calls', async () => {
  const headers = {
    'X-Who': '${user.body.id} of ${params.shop}',
    'X-None': '${user.body.none}',
    'Content-Type': 'application/vnd.page+json',
  }
  const answered = await read(worded('1', { headers }), two, { params: { shop: 'a' } })
  expect(answered.headers.get('x-who')).toBe('7 of a')
  expect(answered.headers.has('x-none')).toBe(false)
  expect(answered.headers.get('content-type')).toBe('application/vnd.page+json')
})

test.each([
  ['${user.body}', 'a\r\nb', '', 'CALL_FAILED'],
  ['${user.body}', '日', '', 'CALL_FAILED'],
  ['${params.a}', '', 'a\nb', 'HEADER_VALUE_INVALID'],
  ['${params.a}', '', '日', 'HEADER_VALUE_INVALID'],
])('a field %s of %j or %j is %s', async (template, body, a, code) => {
  const parts = { ...two, user: answered(JSON.stringify(body)) }
  const plan = worded('1', { headers: { 'X-A': template } })
  expect(await answer(plan, parts, { params: { a } })).toMatchObject({ code })
})

test('a bug in the run is the bug of the request', async () => {
  const { options, plan } = page
  const run = new DrivenRun(plan)
  const asked = bindAnswer(options, plan)(makeExchange(), run)
  run.fail(new Error('a bug'))
  await expect(asked).rejects.toThrow('a bug')
})

test('a table that streams gets lines', async () => {
  const plan = planOf({ a: {} }, { stream: 'ndjson' })
  const { headers, text } = await read(plan, { a: answered('1') })
  expect(headers.get('content-type')).toBe('application/x-ndjson')
  expect(text).toBe('{"call":"a","status":200,"body":1}\n{"complete":true,"errors":[]}\n')
})
