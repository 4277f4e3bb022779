import { expect, test } from 'vitest'
import { makeCached, type ServiceAnswer } from '../test/cached-gateway.ts'

/** Fresh for ten seconds; says 304 to who has "v1". */
const service: ServiceAnswer = (call) => {
  const headers = {
    'cache-control': 'max-age=10',
    etag: '"v1"',
    'content-type': 'application/json',
  }
  if (call.headers['if-none-match']?.includes('"v1"')) {
    return new Response(null, { status: 304, headers })
  }
  return new Response('{"user_id":1,"secret":2}', { headers })
}

const shape = { use: 'transform-response', rename: { user_id: 'userId' }, omit: ['secret'] }
const negotiated = { use: 'transform-response', omit: ['secret'], negotiate: ['json', 'xml'] }

test('each hit is shaped anew, and what is stored is the answer of the service', async () => {
  const { get, calls, outcomes } = makeCached(service, { policies: [shape] })
  const first = await get('/a')
  const second = await get('/a')
  expect(second.text).toBe('{"userId":1}')
  expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
  expect(calls).toHaveLength(1)
  expect(outcomes()).toEqual(['miss', 'hit'])
})

test('a client that has this form gets 304 out of the cache, with the tag that it knows', async () => {
  const { get, calls } = makeCached(service, { policies: [shape] })
  const etag = (await get('/a')).headers.get('etag') ?? ''
  const again = await get('/a', { headers: { 'if-none-match': etag } })
  expect(again.status).toBe(304)
  expect(again.headers.get('etag')).toBe(etag)
  expect(again.headers.get('content-type')).toBeNull()
  expect(calls).toHaveLength(1)
})

test('and from the service, where the stored answer is too old or there is none', async () => {
  const { get, calls, clock } = makeCached(service, { policies: [shape] })
  const etag = (await get('/a')).headers.get('etag') ?? ''
  await clock.advance(11_000)
  const stale = await get('/a', { headers: { 'if-none-match': etag } })
  expect(stale.status).toBe(304)
  expect(stale.headers.get('etag')).toBe(etag)
  expect(calls[1]?.headers['if-none-match']).toBe('"v1"')
  const { get: passed } = makeCached(service, {
    policies: [shape, { use: 'cache', bypass: { path: '/*' } }],
  })
  const direct = await passed('/a', { headers: { 'if-none-match': etag } })
  expect([direct.status, direct.headers.get('etag')]).toEqual([304, etag])
})

test('a client that has the bare form, or that of another table, gets the whole answer', async () => {
  const { get } = makeCached(service, { policies: [shape] })
  await get('/a')
  for (const tag of ['"v1"', 'W/"v1"', 'W/"v1;0123456789abcdef"']) {
    const got = await get('/a', { headers: { 'if-none-match': tag } })
    expect([got.status, got.text]).toEqual([200, '{"userId":1}'])
  }
})

test('a client that has another form of the same answer gets this one', async () => {
  const { get, calls } = makeCached(service, { policies: [negotiated] })
  const json = await get('/a', { headers: { accept: 'application/json' } })
  const xml = await get('/a', { headers: { accept: 'application/xml' } })
  expect(json.text).toBe('{"user_id":1}')
  expect(xml.text).toContain('<user_id>1</user_id>')
  const asXml = (etag: string | null) =>
    get('/a', { headers: { accept: 'application/xml', 'if-none-match': etag ?? '' } })
  expect((await asXml(json.headers.get('etag'))).status).toBe(200)
  expect((await asXml(xml.headers.get('etag'))).status).toBe(304)
  // One answer of the service for all forms.
  expect(calls).toHaveLength(1)
})

test('two shapes, one upon the other, still give 304', async () => {
  const outer = { use: 'transform-response', wrap: 'data' }
  const { get } = makeCached(service, { policies: [outer, shape] })
  const first = await get('/a')
  expect(first.text).toBe('{"data":{"userId":1}}')
  const etag = first.headers.get('etag') ?? ''
  expect(etag.match(/;/g)).toHaveLength(2)
  expect((await get('/a', { headers: { 'if-none-match': etag } })).status).toBe(304)
})

test('an answer that passes untouched still gives 304 to who has it', async () => {
  const image: ServiceAnswer = () =>
    new Response('png', {
      headers: { 'cache-control': 'max-age=10', etag: '"p1"', 'content-type': 'image/png' },
    })
  const { get, calls } = makeCached(image, { policies: [shape] })
  const etag = (await get('/a')).headers.get('etag') ?? ''
  expect(etag).toMatch(/^"p1;/)
  expect((await get('/a', { headers: { 'if-none-match': etag } })).status).toBe(304)
  expect(calls).toHaveLength(1)
})

test('a range of a shaped answer is the whole', async () => {
  const { get } = makeCached(service, { policies: [shape] })
  await get('/a')
  const got = await get('/a', { headers: { range: 'bytes=0-3' } })
  expect([got.status, got.text]).toEqual([200, '{"userId":1}'])
})

test('HEAD out of the cache has the fields of GET', async () => {
  const { get } = makeCached(service, { policies: [negotiated] })
  const headers = { accept: 'application/xml' }
  const whole = await get('/a', { headers })
  const head = await get('/a', { headers, method: 'HEAD' })
  for (const name of ['content-type', 'etag', 'vary']) {
    expect(head.headers.get(name)).toBe(whole.headers.get(name))
  }
  expect([head.text, head.headers.get('content-length')]).toEqual(['', null])
})

test('what an expression of a request reads tells stored answers apart', async () => {
  const change = {
    use: 'transform-request',
    from: 'query',
    to: 'query',
    json: '{ "l": $header.`x-lang` }',
  }
  const { get, calls } = makeCached(service, { policies: [change] })
  for (const lang of ['de', 'fr', 'de']) await get('/a', { headers: { 'x-lang': lang } })
  expect(calls.map(({ url }) => url)).toEqual([
    'http://127.0.0.1:9/a?l=de',
    'http://127.0.0.1:9/a?l=fr',
  ])
})

test('statuses are mapped on the way out, and kept as they came', async () => {
  const missing: ServiceAnswer = () =>
    new Response('{"a":1}', {
      status: 501,
      headers: { 'cache-control': 'max-age=10', 'content-type': 'application/json' },
    })
  const map = { use: 'status-map', map: { '501': 404 } }
  const { get, calls, outcomes } = makeCached(missing, { policies: [map] })
  expect((await get('/a')).status).toBe(404)
  expect((await get('/a')).status).toBe(404)
  expect([calls.length, outcomes()]).toEqual([1, ['miss', 'hit']])
})
