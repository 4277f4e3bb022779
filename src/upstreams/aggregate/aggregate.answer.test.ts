/** Answers of aggregates through a whole gateway: problems, the policy `cache` around them, streams. */
import { expect, test } from 'vitest'
import { makeCached } from '../../../test/cached-gateway.ts'
import { makeGateway } from '../../../test/gateway.ts'
import type { NetworkCall } from '../../platform/ports.ts'

const upstreams = {
  users: { targets: ['http://users.internal:9101'] },
  carts: { targets: ['http://carts.internal:9102'] },
}
const calls = {
  user: { upstream: 'users', path: '/users/${params.id}', required: true },
  cart: { upstream: 'carts', path: '/carts/${params.id}', default: { items: [] } },
}
const page = (aggregate: object) => ({
  version: 1,
  upstreams,
  routes: [{ name: 'page', match: { path: '/page/:id' }, aggregate: { calls, ...aggregate } }],
})

type Answers = Readonly<Record<string, () => Response | Promise<Response>>>

/** By host; a service that is not named answers `{}`. */
const answerBy = (answers: Answers) => (call: NetworkCall) => {
  const [name = ''] = new URL(call.url).hostname.split('.')
  return answers[name]?.() ?? json('{}')
}

function json(body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { headers: { 'content-type': 'application/json', ...headers } })
}

const broken = () => Promise.reject(new Error('connect ECONNREFUSED carts.internal:9102'))

test.each<readonly [string, () => Response | Promise<Response>, number, string]>([
  ['nothing', () => new Response(null, { status: 404 }), 404, 'CALL_NOT_FOUND'],
  [
    'a limit',
    () => new Response(null, { status: 429, headers: { 'retry-after': '9' } }),
    503,
    'CALL_LIMITED',
  ],
  ['another refusal', () => new Response(null, { status: 403 }), 502, 'CALL_FAILED'],
  ['a failure', () => new Response('at carts.internal', { status: 500 }), 502, 'CALL_FAILED'],
  ['no JSON', () => json('{'), 502, 'CALL_FAILED'],
  ['no answer at all', broken, 502, 'CALL_FAILED'],
])(
  '%s of a required call is a problem that names the call and no address',
  async (_, users, status, code) => {
    const gateway = makeGateway(page({}), { answer: answerBy({ users }) })
    const answer = await gateway.ask({ target: '/page/7' })
    const text = await answer.text()
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('isogate-complete')).toBe('false')
    expect(answer.headers.get('retry-after')).toBe(code === 'CALL_LIMITED' ? '9' : null)
    expect(JSON.parse(text)).toMatchObject({ code, call: 'user', status, route: 'page' })
    expect(text).not.toMatch(/internal|910/)
  },
)

test('a body over the cap is a failed call', async () => {
  const users = () => json(`"${'x'.repeat(100)}"`)
  const gateway = makeGateway(page({ maxBodyBytes: 50 }), { answer: answerBy({ users }) })
  const answer = await gateway.ask({ target: '/page/7' })
  expect(await answer.json()).toMatchObject({ code: 'CALL_FAILED', call: 'user' })
})

test('a value of the client that no path can carry is its own 400', async () => {
  const table = page({ calls: { user: { ...calls.user, path: '/users/${query.id}' } } })
  const answer = await makeGateway(table).ask({ target: '/page/7' })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'PATH_VALUE_INVALID', call: 'user' })
})

test('a call that failed leaves its default and an error, in an answer that nobody keeps', async () => {
  const users = () => json('{"id":7}', { 'cache-control': 'max-age=60' })
  const gateway = makeGateway(page({}), { answer: answerBy({ users, carts: broken }) })
  const answer = await gateway.ask({ target: '/page/7' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('isogate-complete')).toBe('false')
  const text = await answer.text()
  expect(JSON.parse(text)).toMatchObject({
    user: { id: 7 },
    cart: { items: [] },
    errors: [{ call: 'cart', status: 502 }],
  })
  expect(JSON.parse(text).errors[0].type).toMatch(
    /^http:\/\/api\.example\.com\/_gateway\/problems\/[a-z-]+$/,
  )
})

function cachedPage(answers: Answers) {
  return makeCached(answerBy(answers), {
    upstreams,
    route: { match: { path: '/page/:id' }, aggregate: { calls } },
  })
}

test('under the policy cache the whole is kept as long as its least part allows', async () => {
  const gateway = cachedPage({
    users: () => json('{"id":7}', { 'cache-control': 'max-age=60' }),
    carts: () => json('{"n":1}', { 'cache-control': 'max-age=30', age: '10' }),
  })
  const first = await gateway.get('/page/7')
  expect(first.headers.get('cache-control')).toBe('max-age=20')
  await gateway.clock.advance(19_000)
  const hit = await gateway.get('/page/7')
  expect(hit.text).toBe('{"user":{"id":7},"cart":{"n":1}}')
  expect(hit.headers.get('isogate-complete')).toBe('true')
  expect(hit.headers.get('age')).toBe('19')
  expect(gateway.calls.length).toBe(2)
  await gateway.clock.advance(2_000)
  await gateway.get('/page/7')
  expect(gateway.calls.length).toBe(4)
  expect(gateway.outcomes()).toEqual(['miss', 'hit', 'revalidated'])
})

test('a client that has what is kept gets 304, which says that it is whole', async () => {
  const kept = { 'cache-control': 'max-age=60' }
  const gateway = cachedPage({ users: () => json('7', kept), carts: () => json('1', kept) })
  const tag = (await gateway.get('/page/7')).headers.get('etag') ?? ''
  const known = await gateway.get('/page/7', { headers: { 'if-none-match': tag } })
  expect(known.status).toBe(304)
  expect(known.headers.get('isogate-complete')).toBe('true')
  expect(gateway.calls.length).toBe(2)
})

test('the cache keeps the whole although the client that fetched it had asked with a condition', async () => {
  const kept = { 'cache-control': 'max-age=60' }
  const gateway = cachedPage({ users: () => json('7', kept), carts: () => json('1', kept) })
  await gateway.get('/page/7', { headers: { 'if-none-match': '*' } })
  const hit = await gateway.get('/page/7')
  expect(hit.text).toBe('{"user":7,"cart":1}')
  expect(gateway.outcomes()).toEqual(['miss', 'hit'])
})

test('a partial answer is not kept', async () => {
  const users = () => json('7', { 'cache-control': 'max-age=60' })
  const gateway = cachedPage({ users, carts: broken })
  await gateway.get('/page/7')
  await gateway.get('/page/7')
  expect(gateway.outcomes()).toEqual(['miss', 'miss'])
})

test('HEAD is answered as GET would be, without the body', async () => {
  const gateway = makeGateway(page({}), { answer: answerBy({ users: () => json('{"id":7}') }) })
  const answer = await gateway.ask({ target: '/page/7', method: 'HEAD' })
  expect(answer.headers.get('content-length')).toBe('27')
  expect(await answer.text()).toBe('')
  expect(gateway.calls.map(({ method }) => method)).toEqual(['GET', 'GET'])
})

test('a stream begins with the required part while another call hangs, and ends its call when the client leaves', async () => {
  let isCalledOff = false
  const hanging = (call: NetworkCall) =>
    new Promise<Response>((_, reject) => {
      call.signal?.addEventListener('abort', () => {
        isCalledOff = true
        reject(new Error('called off'))
      })
    })
  const gateway = makeGateway(page({ stream: 'ndjson' }), {
    answer: (call) => (call.url.includes('carts') ? hanging(call) : json('{"id":7}')),
  })
  const answer = await gateway.ask({ target: '/page/7' })
  const reader = answer.body!.getReader()
  const { value } = await reader.read()
  expect(new TextDecoder().decode(value)).toBe('{"call":"user","status":200,"body":{"id":7}}\n')
  expect(isCalledOff).toBe(false)
  await reader.cancel()
  expect(isCalledOff).toBe(true)
})

test('a stream of items has a line for each as its answer comes', async () => {
  const product = {
    upstream: 'carts',
    path: '/products/${item}',
    forEach: "['a', 'b']",
  }
  const first = Promise.withResolvers<Response>()
  const gateway = makeGateway(page({ stream: 'ndjson', calls: { product } }), {
    answer: ({ url }) => (url.endsWith('/a') ? first.promise : json('"B"')),
  })
  const answer = await gateway.ask({ target: '/page/7' })
  const reader = answer.body!.getReader()
  const next = async () => new TextDecoder().decode((await reader.read()).value)
  expect(await next()).toBe('{"call":"product","index":1,"status":200,"body":"B"}\n')
  first.resolve(json('"A"'))
  let rest = ''
  while (!rest.includes('complete')) rest += await next()
  expect(rest).toBe(
    '{"call":"product","index":0,"status":200,"body":"A"}\n{"complete":true,"errors":[]}\n',
  )
})
