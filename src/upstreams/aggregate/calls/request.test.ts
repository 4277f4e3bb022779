/** What a call sends: where its values come from, how they are encoded, and what of the client's goes along. */
import { expect, test } from 'vitest'
import { type AggregateParts, makeAggregate } from '../../../../test/aggregates.ts'

/** Sends the call `it`, after `first` has answered with the value. */
async function send(it: object, first: unknown = {}, parts: Partial<AggregateParts> = {}) {
  const gateway = makeAggregate({
    calls: {
      first: { upstream: 'a', path: '/first' },
      it: { upstream: 'b', path: '/it', after: ['first'], ...it },
    },
    answer: ({ upstream }) => Response.json(upstream === 'a' ? first : {}),
    ...parts,
  })
  const asked = await gateway.get('/page/7?q=x%26y&n=1', {
    headers: {
      accept: 'text/html',
      'accept-language': 'de',
      authorization: 'Bearer token',
      cookie: 'a=1',
      'if-none-match': '"x"',
      range: 'bytes=0-1',
      'x-tenant': 'blue',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      baggage: 'user=7',
    },
  })
  const call = gateway.sent.find(({ upstream }) => upstream === 'b')
  return { ...asked, call, gateway }
}

async function errorOf(it: object, first: unknown = {}) {
  const { json, call } = await send(it, first)
  expect(call).toBeUndefined()
  return (json.errors as { status: number; type: string }[])[0]
}

test('values of the request and of earlier calls stand in the path, each as one segment', async () => {
  const it = { path: '/x/${params.id}/${first.body.a}/${first.body.list.1}/${first.status}' }
  const { call } = await send(it, { a: 'a/b c', list: [1, 2] })
  expect(call?.path).toBe('/x/7/a%2Fb%20c/2/200')
})

test.each([['..'], ['.'], [''], [null]])('a path value %j of a service is 502', async (a) => {
  expect(await errorOf({ path: '/x/${first.body.a}' }, { a })).toMatchObject({ status: 502 })
})

test('a path value of the client that cannot be one is 400', async () => {
  const error = await errorOf({ path: '/x/${query.none}' })
  expect(error).toMatchObject({ status: 400 })
  expect(error?.type).toMatch(/path-value-invalid$/)
})

test("an item that the client wrote is the client's fault", async () => {
  const gateway = makeAggregate({
    calls: { it: { upstream: 'a', path: '/x/${item}', forEach: "$split($query.ids, ',')" } },
  })
  const { json } = await gateway.get('/page/7?ids=..,1')
  expect((json.errors as { status: number }[])[0]).toMatchObject({ status: 400 })
  expect(gateway.paths()).toEqual(['/x/1'])
})

test('parameters are encoded, texts of the table too', async () => {
  const it = { query: { 'a b': 'x & y', q: '${query.q}', v: 'v:${first.body.a}' } }
  const { call } = await send(it, { a: 'ä' })
  expect(call?.path).toBe('/it?a%20b=x%20%26%20y&q=x%26y&v=v%3A%C3%A4')
})

test('a parameter that is a list stands once for each element, and one that is nothing not at all', async () => {
  const it = { query: { id: '${first.body.ids}', none: '${first.body.none}', n: '${query.n}' } }
  expect((await send(it, { ids: [1, 'a b'] })).call?.path).toBe('/it?id=1&id=a%20b&n=1')
})

test('a field takes values, and one that would break it fails the call', async () => {
  const it = { headers: { 'X-User': 'u-${first.body.id}', 'X-None': '${first.body.none}' } }
  const { call } = await send(it, { id: 7 })
  expect([call?.headers['x-user'], call?.headers['x-none']]).toEqual(['u-7', undefined])
  expect(await errorOf(it, { id: 'a\r\nb' })).toMatchObject({ status: 502 })
})

test('a string of json that is one placeholder takes the value as it is', async () => {
  const json = {
    list: '${first.body.list}',
    n: '${first.body.n}',
    id: '${params.id}',
    text: 'n=${first.body.n}',
    none: '${first.body.none}',
    many: ['${first.body.none}', '${first.body.no}'],
    kept: [1, true, null, '$${x}'],
  }
  const first = { list: [{ a: 1 }], n: 2, no: false }
  const { call } = await send({ method: 'POST', json }, first)
  expect(JSON.parse(call?.body ?? '')).toEqual({
    list: [{ a: 1 }],
    n: 2,
    id: '7',
    text: 'n=2',
    many: [null, false],
    kept: [1, true, null, '${x}'],
  })
  expect(call?.headers['content-type']).toBe('application/json')
})

test('names of members are data, and only own members are read', async () => {
  const json = { constructor: '${first.body.constructor}', all: '${first.body.all}' }
  const all = JSON.parse('{ "__proto__": 1 }') as object
  const { call } = await send({ method: 'POST', json }, { all })
  expect(call?.body).toBe('{"all":{"__proto__":1}}')
})

test('a body is text, unless its field says otherwise', async () => {
  const { call } = await send({ method: 'PUT', body: 'id=${params.id}' })
  expect([call?.method, call?.body]).toEqual(['PUT', 'id=7'])
  expect(call?.headers['content-type']).toBe('text/plain; charset=utf-8')
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const form = await send({ method: 'PUT', body: 'id=${params.id}', headers })
  expect(form.call?.headers['content-type']).toBe('application/x-www-form-urlencoded')
})

test('of the client go the language, the trace and where it came from, and nothing that says who it is', async () => {
  const { call } = await send({})
  expect(call?.headers).toMatchObject({
    accept: 'application/json',
    'accept-language': 'de',
    via: '1.1 isogate',
    'x-forwarded-for': '192.0.2.1',
    'x-real-ip': '192.0.2.1',
    'x-forwarded-proto': 'http',
    forwarded: 'for=192.0.2.1;host=api.example.com;proto=http',
  })
  expect(call?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
  const names = ['authorization', 'cookie', 'x-tenant', 'baggage', 'if-none-match', 'range']
  expect(names.filter((name) => call?.headers[name] !== undefined)).toEqual([])
})

test('what is listed goes along, but for conditions and ranges', async () => {
  const forwardHeaders = ['Authorization', 'cookie', 'X-Tenant', 'If-None-Match', 'Range', 'accept']
  const { call } = await send({ forwardHeaders })
  expect(call?.headers).toMatchObject({
    authorization: 'Bearer token',
    cookie: 'a=1',
    'x-tenant': 'blue',
    accept: 'text/html',
  })
  expect(call?.headers['if-none-match']).toBeUndefined()
  expect(call?.headers.range).toBeUndefined()
})

test('the language goes along unless others are listed, the trace in any case', async () => {
  const { call } = await send({ forwardHeaders: [] })
  expect(call?.headers['accept-language']).toBeUndefined()
  expect(call?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
  const both = await send({ forwardHeaders: ['X-Tenant', 'Accept-Language'] })
  expect(both.call?.headers).toMatchObject({ 'accept-language': 'de', 'x-tenant': 'blue' })
})

test('the id of the request goes along', async () => {
  const { call, headers } = await send({}, {}, { policies: [{ use: 'request-id' }] })
  expect(call?.headers['x-request-id']).toBe(headers.get('x-request-id'))
})

test('what an identity policy writes goes only to calls that list it', async () => {
  const users = { ada: { password: { secret: 'ADA' } } }
  const gateway = makeAggregate({
    calls: {
      plain: { upstream: 'a', path: '/plain' },
      told: { upstream: 'b', path: '/told', forwardHeaders: ['X-User'] },
    },
    policies: [{ use: 'basic-auth', users, forward: { sub: 'X-User' } }],
    given: { secrets: { ADA: 'right' } },
  })
  await gateway.get('/page/7', { headers: { authorization: `Basic ${btoa('ada:right')}` } })
  expect(gateway.sent.map(({ headers }) => headers['x-user'])).toEqual([undefined, 'ada'])
})

test('fields of the upstream are set over those of the call', async () => {
  const upstreams = { b: { headers: { 'X-Key': 'gateway' } } }
  const { call } = await send({ headers: { 'X-Key': 'call' } }, {}, { upstreams })
  expect(call?.headers['x-key']).toBe('gateway')
})
