import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import { finish } from '../../pipeline/finish.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryVersionUses } from '../../platform/memory/version-uses.ts'
import { definition } from './policy.ts'
import type { VersionsOptions } from './schema.ts'

type Options = Omit<VersionsOptions, 'use'>

/** Names came apart in June; in January everything went under `data`. */
const dated: Options = {
  from: { header: 'API-Version' },
  versions: {
    '2024-01-01': {},
    '2024-06-01': {
      request: { rename: { name: 'fullName' } },
      response: { rename: { fullName: 'name' } },
    },
    '2025-01-01': { request: { wrap: 'data' }, response: { unwrap: 'data' } },
  },
}

const json = (value: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(value), {
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as object) },
  })

function bytes(value: unknown): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer
}

interface Run extends ExchangeParts {
  readonly answer?: Response
  readonly mode?: 'enforce' | 'shadow'
}

async function run(options: Options, { answer = new Response('ok'), mode, ...parts }: Run) {
  const exchange = makeExchange({ memories: makeMemories(), ...parts })
  if (parts.pattern !== undefined) exchange.event.path = parts.pattern
  const policy = definition.bind({ use: 'versions', ...options }, makeBindContext())
  if (policy.kind !== 'wrap') throw new TypeError('not a wrap')
  const step = mode === 'shadow' ? policy.shadow : policy.around
  let isAsked = false
  const got = await step.call(policy, exchange, () => {
    isAsked = true
    return answer
  })
  const response = finish(exchange, got)
  return { exchange, got, response, isAsked, event: exchange.event, sent: exchange.outgoing }
}

const sentJson = (body: unknown) => JSON.parse(new TextDecoder().decode(body as ArrayBuffer))

const post = (version: string, body: unknown): Run => ({
  method: 'POST',
  headers: { 'api-version': version, 'content-type': 'application/json' },
  body: bytes(body),
})

test('a request of the oldest version passes the steps of every later one', async () => {
  const { sent, event } = await run(dated, post('2024-01-01', { name: 'Ada' }))
  expect(sentJson(sent.body)).toEqual({ data: { fullName: 'Ada' } })
  expect(event.version).toBe('2024-01-01')
})

test('its answer passes the same steps downward, the newest first', async () => {
  const answer = json({ data: { fullName: 'Ada' } }, { headers: { etag: '"a"' } })
  const { response } = await run(dated, { headers: { 'api-version': '2024-01-01' }, answer })
  expect(await response.json()).toEqual({ name: 'Ada' })
  expect(response.headers.get('etag')).toMatch(/^W\/"a;[0-9a-f]+"$/)
  expect(response.headers.get('vary')).toBe('API-Version')
})

test('a version in between passes only what is later', async () => {
  const answer = json({ data: { fullName: 'Ada' } })
  const asked = post('2024-09-30', { fullName: 'Ada' })
  const { sent, response } = await run(dated, { ...asked, answer })
  expect(sentJson(sent.body)).toEqual({ data: { fullName: 'Ada' } })
  expect(await response.json()).toEqual({ fullName: 'Ada' })
})

test.each([['2025-01-01'], ['2030-01-01'], ['']])(
  'the version %j is the newest: nothing is read, and nothing made anew',
  async (version) => {
    const asked = post(version, { data: {} })
    const answer = json({ data: {} })
    const { sent, got, event } = await run(dated, { ...asked, answer })
    expect(sent.body).toBe(asked.body)
    expect(got).toBe(answer)
    expect(event.version).toBe('2025-01-01')
  },
)

test('a stream of another media type passes an old version unread', async () => {
  const answer = new Response(new ReadableStream(), {
    headers: { 'content-type': 'text/event-stream' },
  })
  const { got } = await run(dated, { headers: { 'api-version': '2024-01-01' }, answer })
  expect(got).toBe(answer)
})

test('a type of its own stays the type of a changed body', async () => {
  const headers = {
    'api-version': '2024-01-01',
    'content-type': 'application/merge-patch+json',
  }
  const { sent } = await run(dated, { method: 'PATCH', headers, body: bytes({ name: 'A' }) })
  expect(sent.headers['content-type']).toBe('application/merge-patch+json')
  expect(sentJson(sent.body)).toEqual({ data: { fullName: 'A' } })
})

test('a version before the first, and one that is none, are refused with those that are there', async () => {
  for (const version of ['2023-12-31', 'v1', '2024-01-01, 2024-06-01']) {
    const { response, isAsked, event } = await run(dated, { headers: { 'api-version': version } })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'VERSION_UNKNOWN',
      versions: ['2024-01-01', '2024-06-01', '2025-01-01'],
    })
    expect(isAsked).toBe(false)
    expect(event.policies['policy-1']).toBe('refused:version-unknown')
    expect(event.version).toBeNull()
  }
})

test('who names none gets the default, or is refused where a version is required', async () => {
  const { event } = await run({ ...dated, default: '2024-06-01' }, {})
  expect(event.version).toBe('2024-06-01')
  const { response } = await run({ ...dated, required: true }, {})
  expect(await response.json()).toMatchObject({ code: 'VERSION_UNKNOWN', status: 400 })
})

test('a body that is no JSON is refused before the service is asked', async () => {
  const asked = {
    ...post('2024-01-01', {}),
    body: new TextEncoder().encode('{').buffer as ArrayBuffer,
  }
  const { response, isAsked } = await run(dated, asked)
  expect([response.status, isAsked]).toEqual([400, false])
})

test('a body beyond the bound is refused, of clients and of services', async () => {
  const small = { ...dated, maxBytes: 10 }
  const asked = await run(small, post('2024-01-01', { name: 'x'.repeat(20) }))
  expect([asked.response.status, asked.isAsked]).toEqual([413, false])
  const answer = json({ data: { name: 'x'.repeat(20) } })
  const answered = await run(small, { headers: { 'api-version': '2024-01-01' }, answer })
  expect(answered.response.status).toBe(502)
})

const ending: Options = {
  from: [{ header: 'API-Version' }, { query: 'v' }],
  answerHeader: 'API-Version',
  versions: {
    v1: {
      deprecated: '2025-01-01',
      sunset: '2026-01-01',
      link: 'https://docs.example.com/v1',
      afterSunset: 'refuse',
    },
    v2: { deprecated: '2026-06-01', sunset: '2027-01-01' },
    v3: {},
  },
}

test('answers say which version they are, since when it is deprecated and when it ends', async () => {
  const { response } = await run(ending, { headers: { 'api-version': 'v2' } })
  expect(response.headers.get('api-version')).toBe('v2')
  expect(response.headers.get('deprecation')).toBe('@1780272000')
  expect(response.headers.get('sunset')).toBe('Fri, 01 Jan 2027 00:00:00 GMT')
  expect(response.headers.has('link')).toBe(false)
  const newest = (await run(ending, {})).response
  expect([newest.headers.has('deprecation'), newest.headers.get('api-version')]).toEqual([
    false,
    'v3',
  ])
})

test('a version that has ended is a 410 which names the others and the page about it', async () => {
  const { response, isAsked, event } = await run(ending, { headers: { 'api-version': 'v1' } })
  expect(response.status).toBe(410)
  expect(await response.json()).toMatchObject({ code: 'VERSION_ENDED', versions: ['v2', 'v3'] })
  expect(response.headers.get('link')).toBe(
    '<https://docs.example.com/v1>; rel="deprecation", <https://docs.example.com/v1>; rel="sunset"',
  )
  expect(isAsked).toBe(false)
  expect(event.policies['policy-1']).toBe('refused:version-ended')
})

test('the same version is served until the instant of its sunset', async () => {
  const now = Date.UTC(2026, 0, 1) - 1
  const { response } = await run(ending, { headers: { 'api-version': 'v1' }, now })
  expect(response.status).toBe(200)
})

test('the first place that names a version counts, and the service sees none of them', async () => {
  const { event, sent } = await run(ending, {
    url: 'https://a.example/?a=1&v=v3',
    headers: { 'api-version': 'v2' },
  })
  expect(event.version).toBe('v2')
  expect(sent.query).toBe('?a=1')
  expect(Object.keys(sent.headers)).not.toContain('api-version')
})

test('what goes on may be kept, or be the newest', async () => {
  const versions = { v1: {}, v2: {} }
  const from = [
    { header: 'API-Version', onward: 'newest' },
    { query: 'v', onward: 'keep' },
  ] as const
  const parts = { url: 'https://a.example/?v=v1', headers: { 'api-version': '1' } }
  const { sent } = await run({ from: [...from], versions }, parts)
  expect(sent.headers['api-version']).toBe('v2')
  expect(sent.query).toBe('?v=v1')
  const without = await run({ from: [...from], versions }, {})
  expect(Object.keys(without.sent.headers)).not.toContain('api-version')
})

test.each([
  [{ path: true }, '/v1/users'],
  [{ path: true, strip: true }, '/users'],
  [{ path: true, onward: 'newest' }, '/v2/users'],
] as const)('a version in the path by %j goes on as %s', async (from, path) => {
  const { sent, event } = await run(
    { from, versions: { v1: {}, v2: {} } },
    { url: 'https://a.example/v1/users', pattern: '/:version/users', params: { version: 'v1' } },
  )
  expect(event.version).toBe('v1')
  expect(sent.path).toBe(path)
})

const media: Options = { from: { mediaType: { vendor: 'acme' } }, versions: { v1: {}, v2: {} } }

test('a version in the media type is taken out, and the answer has it again', async () => {
  const headers = { accept: 'application/vnd.acme.v1+json' }
  const { sent, response, event } = await run(media, { headers, answer: json({ a: 1 }) })
  expect(event.version).toBe('v1')
  expect(sent.headers.accept).toBe('application/json')
  expect(response.headers.get('content-type')).toBe('application/vnd.acme.v1+json')
  expect(response.headers.get('vary')).toBe('Accept')
  expect(await response.json()).toEqual({ a: 1 })
})

test('of several versions in Accept the most wanted one that is there counts', async () => {
  const accept = 'application/vnd.acme.v9+json, application/vnd.acme.v1+json;q=0.5'
  expect((await run(media, { headers: { accept } })).event.version).toBe('v1')
})

test('Content-Type names the version where Accept does not, and may not name another', async () => {
  const headers = { accept: '*/*', 'content-type': 'application/vnd.acme.v1+json' }
  const { event, sent } = await run(media, { method: 'POST', headers, body: bytes({}) })
  expect(event.version).toBe('v1')
  expect(sent.headers['content-type']).toBe('application/json')
  const other = { ...headers, accept: 'application/vnd.acme.v2+json' }
  const { response } = await run(media, { method: 'POST', headers: other, body: bytes({}) })
  expect(await response.json()).toMatchObject({ code: 'VERSION_UNKNOWN' })
})

test('parameters of the query and statuses pass the versions too', async () => {
  const options: Options = {
    from: { header: 'V' },
    versions: {
      '1': {},
      '2': { request: { query: { rename: { q: 'search' } } }, response: { status: { 422: 400 } } },
      '3': { request: { query: { set: { page: '1 2' }, remove: ['debug'] } } },
    },
  }
  const { sent, response } = await run(options, {
    url: 'https://a.example/?q=x&debug=1',
    headers: { v: '1' },
    answer: json({ error: 1 }, { status: 422 }),
  })
  expect(sent.query).toBe('?search=x&page=1%202')
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: 1 })
})

test('a status without body lets the body go', async () => {
  const options: Options = {
    from: { header: 'V' },
    versions: { v1: {}, v2: { response: { status: { 200: 204 } } } },
  }
  const answer = json({}, { headers: { 'content-length': '2' } })
  const { response } = await run(options, { headers: { v: 'v1' }, answer })
  expect([response.status, response.body, response.headers.has('content-length')]).toEqual([
    204,
    null,
    false,
  ])
})

test('HEAD has the fields of GET, and an error of the service stays as it is', async () => {
  const headers = { 'api-version': '2024-01-01' }
  const answer = new Response(null, {
    headers: { 'content-type': 'application/json', 'content-length': '9', etag: '"a"' },
  })
  const { response } = await run(dated, { method: 'HEAD', headers, answer })
  expect(response.headers.has('content-length')).toBe(false)
  expect(response.headers.get('etag')).toMatch(/^W\/"a;/)
  const failed = json({ data: 1 }, { status: 404 })
  expect((await run(dated, { headers, answer: failed })).got).toBe(failed)
})

test('what a client has of an old version is asked for in terms of the service', async () => {
  const headers = { 'api-version': '2024-01-01' }
  const first = await run(dated, { headers, answer: json({}, { headers: { etag: '"a"' } }) })
  const tag = first.response.headers.get('etag')!
  const answer = new Response(null, { status: 304, headers: { etag: '"a"' } })
  const again = await run(dated, { headers: { ...headers, 'if-none-match': tag }, answer })
  expect(again.exchange.outgoing.headers['if-none-match']).toBe('"a"')
  expect([again.response.status, again.response.headers.get('etag')]).toEqual([304, tag])
  const other = { 'api-version': '2024-06-01', 'if-none-match': tag }
  const { sent } = await run(dated, { headers: other, answer: json({}) })
  expect(Object.keys(sent.headers)).not.toContain('if-none-match')
})

test('what an answer is made from besides the body tells its tags apart, and stands in Vary', async () => {
  const options: Options = {
    from: { query: 'v' },
    versions: { v1: {}, v2: { response: { json: '{ "at": $header.`x-place` }' } } },
  }
  const tagFor = async (place: string) => {
    const { response } = await run(options, {
      url: 'https://a.example/?v=v1',
      headers: { 'x-place': place },
      answer: json({}, { headers: { etag: '"a"' } }),
    })
    expect(await response.json()).toEqual({ at: place })
    expect(response.headers.get('vary')).toBe('x-place')
    return response.headers.get('etag')
  }
  expect(await tagFor('a')).not.toBe(await tagFor('b'))
})

function watched(identity: ExchangeParts['identity'] = null) {
  const uses = new MemoryVersionUses(new MemoryClock(START))
  return { uses, parts: { versionUses: uses, identity, headers: { 'api-version': '2024-01-01' } } }
}

const caller = (consumer: string | null): NonNullable<ExchangeParts['identity']> => ({
  authority: 'jwt:https://id.example.com',
  subject: 'ada',
  claims: {},
  roles: [],
  scopes: [],
  permissions: [],
  consumer: consumer === null ? null : { name: consumer, plan: null, roles: [], metadata: {} },
})

test.each([
  [caller('app'), 'consumer:app'],
  [caller(null), 'authority:jwt'],
  [null, 'anonymous'],
])('who calls is counted, by what may be known: %#', async (identity, shown) => {
  const { uses, parts } = watched(identity)
  await run(dated, parts)
  const use = { route: 'users', version: '2024-01-01', caller: shown, uses: 1 }
  expect(uses.reports).toEqual([{ uses: [use] }])
})

test('a count that cannot be told harms no request', async () => {
  const { uses, parts } = watched()
  uses.isAway = true
  const { response } = await run(dated, parts)
  expect(response.status).toBe(200)
})

test('in shadow mode the version is found and counted, and nothing changes', async () => {
  const { uses, parts } = watched()
  const answer = json({ data: {} })
  const { got, exchange, event } = await run(dated, { ...parts, answer, mode: 'shadow' })
  expect(got).toBe(answer)
  expect(exchange.answer).toEqual([])
  expect(exchange.outgoing.headers['api-version']).toBe('2024-01-01')
  expect(event.policies['policy-1']).toBe('would-change')
  expect(uses.reports).toHaveLength(1)
  const unknown = await run(dated, { headers: { 'api-version': 'x' }, mode: 'shadow' })
  expect(unknown.event.policies['policy-1']).toBe('would-refuse:version-unknown')
})

test('a stored answer differs by the version only where requests are changed', () => {
  const reads = (options: Options) => definition.reads?.({ use: 'versions', ...options })
  expect(reads(dated)).toEqual(['header.api-version'])
  expect(reads(ending)).toEqual([])
  expect(reads({ ...media, from: { mediaType: 'v', onward: 'keep' } })).toEqual([
    'header.accept',
    'header.content-type',
  ])
})
