import { decode as decodeMsgpack } from '@msgpack/msgpack'
import { decode as decodeCbor } from 'cborg'
import { expect, test } from 'vitest'
import { type ExchangeParts, makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Answer, Exchange, Identity } from '../../pipeline/exchange.ts'
import { finish } from '../../pipeline/finish.ts'
import { definition } from './policy.ts'
import type { ProfilesOptions } from './schema.ts'

type Options = Omit<ProfilesOptions, 'use'>

function bind(options: Options) {
  const policy = definition.bind({ use: 'profiles', ...options }, makeBindContext({ name: 'p' }))
  if (policy.kind !== 'wrap') throw new TypeError('no wrap')
  return policy
}

const body = '{"id":1,"name":"Lamp","html":"<p>…</p>","images":[{"s":"s.jpg","l":"l.jpg"}]}'

function json(status = 200): Response {
  const headers = { 'content-type': 'application/json', etag: '"v1"', 'content-length': '99' }
  return new Response(body, { status, headers })
}

async function run(options: Options, parts: ExchangeParts, answer: () => Answer = () => json()) {
  const exchange = makeExchange(parts)
  let sent: Exchange['outgoing'] | null = null
  const given = await bind(options).around(exchange, ({ outgoing }) => {
    sent = { ...outgoing, headers: { ...outgoing.headers } }
    return answer()
  })
  const response = finish(exchange, given)
  return {
    exchange,
    sent: sent as Exchange['outgoing'] | null,
    response,
    text: await response.clone().text(),
    outcome: exchange.event.policies.p,
  }
}

function caller(claims: Record<string, unknown>, plan: string | null = null): Identity {
  const consumer = plan === null ? null : { name: 'acme', plan, roles: [], metadata: {} }
  const none: readonly string[] = []
  return {
    authority: 'key',
    subject: 'k',
    claims,
    roles: ['reader'],
    scopes: none,
    permissions: none,
    consumer,
  }
}

const choice: Options = {
  by: ['claims.client', 'header.X-Client', 'consumer.plan'],
  profiles: {
    mobile: { when: { headers: { 'Sec-CH-UA-Mobile': '?1' } } },
    saver: { when: { headers: { 'save-data': 'on' } } },
    partner: { when: { consumer: { plans: ['gold'] } } },
    tv: {},
    web: {},
    silver: {},
  },
  default: 'web',
}

test.each<[string, ExchangeParts, string]>([
  ['a claim', { identity: caller({ client: 'tv' }) }, 'tv'],
  ['a field', { headers: { 'x-client': 'tv' } }, 'tv'],
  ['a field in another case', { headers: { 'x-client': 'TV' } }, 'tv'],
  ['a plan', { identity: caller({}, 'silver') }, 'silver'],
  [
    'the first name of the list that means a profile',
    { identity: caller({ client: 'tv' }), headers: { 'x-client': 'mobile' } },
    'tv',
  ],
  [
    'the next name, where the first means none',
    { identity: caller({ client: 'fridge' }), headers: { 'x-client': 'mobile' } },
    'mobile',
  ],
  [
    'a name before any condition',
    { headers: { 'x-client': 'tv', 'sec-ch-ua-mobile': '?1' } },
    'tv',
  ],
  ['a client hint', { headers: { 'sec-ch-ua-mobile': '?1' } }, 'mobile'],
  [
    'the first condition that holds, in the order of the table',
    { headers: { 'save-data': 'on', 'sec-ch-ua-mobile': '?1' } },
    'mobile',
  ],
  ['the plan of a consumer', { identity: caller({}, 'gold') }, 'partner'],
  ['nothing, so the default', { headers: { 'sec-ch-ua-mobile': '?0', 'x-client': 'x' } }, 'web'],
  ['a name that no object has of itself', { headers: { 'x-client': 'constructor' } }, 'web'],
])('%s chooses the profile', async (_what, parts, name) => {
  const { outcome } = await run(choice, parts)
  expect(outcome).toBe(`profile:${name}`)
})

const kept: Options = {
  by: ['claims.client', 'header.x-client'],
  profiles: {
    partner: { when: { consumer: { plans: ['gold'] } } },
    staff: { when: [{ headers: { 'x-desk': '1' } }, { consumer: { roles: ['staff'] } }] },
    web: {},
  },
  default: 'web',
}

test.each<[string, ExchangeParts, string]>([
  ['is not got by a field', { headers: { 'x-client': 'partner' } }, 'web'],
  [
    'is got by a field where the caller is one of them',
    { headers: { 'x-client': 'partner' }, identity: caller({}, 'gold') },
    'partner',
  ],
  [
    'is got by a claim, which the operator trusts',
    { identity: caller({ client: 'partner' }) },
    'partner',
  ],
  ['is not got by a field either with a list', { headers: { 'x-client': 'staff' } }, 'web'],
  ['is got by each of a list', { headers: { 'x-desk': '1' } }, 'staff'],
])('a profile that is kept for certain callers %s', async (_what, parts, name) => {
  expect((await run(kept, parts)).outcome).toBe(`profile:${name}`)
})

test('without a default request and answer pass as they are', async () => {
  const { default: _, ...others } = choice
  const options = { ...others, header: 'X-Profile', answerHeader: 'X-Profile' }
  const answer = json()
  const exchange = makeExchange()
  const given = await bind(options).around(exchange, () => answer)
  expect(given).toBe(answer)
  expect(exchange.event.policies.p).toBe('passed')
  expect({ ...exchange.outgoing.headers }).toEqual({})
})

test('a profile of no changes passes the answer as the stream that it is', async () => {
  const answer = json()
  const exchange = makeExchange({ headers: { 'x-client': 'tv' } })
  expect(await bind(choice).around(exchange, () => answer)).toBe(answer)
})

test('Vary names what the choice reads, whatever it came to', async () => {
  const fields = 'X-Client, Sec-CH-UA-Mobile, save-data'
  expect((await run(choice, {})).response.headers.get('vary')).toBe(fields)
  const named = await run(choice, { identity: caller({ client: 'tv' }) })
  expect(named.response.headers.get('vary')).toBe(fields)
})

test('Vary names Accept where any profile lets it choose, and what expressions read', async () => {
  const options: Options = {
    by: ['header.x-client'],
    profiles: {
      a: { response: { negotiate: ['json', 'cbor'] } },
      b: { response: { json: '{ "lang": $header.`accept-language` }' } },
      c: {},
    },
  }
  const { response } = await run(options, { headers: { 'x-client': 'c' } })
  expect(response.headers.get('vary')).toBe('x-client, Accept, accept-language')
})

test('hints are asked for on every answer, problems too', async () => {
  const { response } = await run({ ...choice, hints: true }, {})
  expect(response.headers.get('accept-ch')).toBe('Sec-CH-UA-Mobile, save-data')
  expect(response.headers.get('critical-ch')).toBeNull()
  const critical = await run({ ...choice, hints: 'critical' }, {}, () => ({
    kind: 'refused',
    code: 'UPSTREAM_TIMEOUT',
  }))
  expect(critical.response.headers.get('accept-ch')).toBe('Sec-CH-UA-Mobile, save-data')
  expect(critical.response.headers.get('critical-ch')).toBe('Sec-CH-UA-Mobile, save-data')
  expect((await run(choice, {})).response.headers.get('accept-ch')).toBeNull()
})

const shapes: Options = {
  by: ['header.x-client'],
  profiles: {
    mobile: { response: { pick: ['id', 'name', 'images.s'], rename: { name: 'title' } } },
    tv: { response: { json: '{ "title": name }' } },
    iot: { response: { pick: ['id'], negotiate: ['cbor', 'msgpack', 'json'], fields: true } },
    web: {},
  },
}

test.each([
  ['mobile', '{"id":1,"title":"Lamp","images":[{"s":"s.jpg"}]}'],
  ['tv', '{"title":"Lamp"}'],
  ['web', body],
  ['unknown', body],
])('%s has its own shape', async (client, text) => {
  const got = await run(shapes, { headers: { 'x-client': client } })
  expect(got.text).toBe(text)
})

test.each([
  [undefined, 'application/cbor'],
  ['*/*', 'application/cbor'],
  ['application/cbor', 'application/cbor'],
  ['application/msgpack', 'application/msgpack'],
  ['application/x-msgpack', 'application/x-msgpack'],
  ['application/vnd.msgpack', 'application/vnd.msgpack'],
  ['application/json', 'application/json'],
  ['application/json;q=0.5, application/vnd.msgpack;q=0.8', 'application/vnd.msgpack'],
])('a small device that accepts %s gets %s, as other libraries read it', async (accept, type) => {
  const headers = { 'x-client': 'iot', ...(accept === undefined ? {} : { accept }) }
  const { response, sent } = await run(shapes, { headers })
  expect(response.headers.get('content-type')).toBe(type)
  expect(sent?.headers.accept).toBe('application/json')
  const bytes = new Uint8Array(await response.arrayBuffer())
  const read = type.includes('cbor')
    ? decodeCbor(bytes)
    : type.includes('msgpack')
      ? decodeMsgpack(bytes)
      : JSON.parse(new TextDecoder().decode(bytes))
  expect(read).toEqual({ id: 1 })
})

test('a form that the profile does not have is 406 before the service is asked', async () => {
  const headers = { 'x-client': 'iot', accept: 'image/png' }
  const { response, sent, outcome, text } = await run(shapes, { headers })
  expect(response.status).toBe(406)
  expect(JSON.parse(text)).toMatchObject({
    code: 'NOT_ACCEPTABLE',
    available: ['application/cbor', 'application/vnd.msgpack', 'application/json'],
  })
  expect([sent, outcome]).toEqual([null, 'refused'])
})

test('fields choose among what the profile has, where it lets them', async () => {
  const url = 'https://api.example.com/?fields=id,html&a=1'
  const iot = await run(shapes, { url, headers: { 'x-client': 'iot', accept: 'application/json' } })
  // `html` is none of the profile: no client chooses it back.
  expect(iot.text).toBe('{"id":1}')
  expect(iot.sent?.query).toBe('?a=1')
  const tv = await run(shapes, { url, headers: { 'x-client': 'tv' } })
  expect(tv.text).toBe('{"title":"Lamp"}')
  expect(tv.sent?.query).toBe('?fields=id,html&a=1')
  const bad = await run(shapes, {
    url: 'https://api.example.com/?fields=a..b',
    headers: { 'x-client': 'iot' },
  })
  expect(JSON.parse(bad.text)).toMatchObject({ code: 'FIELDS_INVALID', parameter: 'fields' })
  expect([bad.response.status, bad.sent]).toEqual([400, null])
})

test.each([404, 500, 206])('an answer of %i has the shape of nobody', async (status) => {
  const got = await run(shapes, { headers: { 'x-client': 'mobile' } }, () => json(status))
  expect([got.response.status, got.text, got.outcome]).toEqual([status, body, 'profile:mobile'])
})

test('a body that is none is 502, and says so in the event', async () => {
  const broken = () =>
    new Response('{"a":', { headers: { 'content-type': 'application/json', etag: '"v1"' } })
  const got = await run(shapes, { headers: { 'x-client': 'mobile' } }, broken)
  expect(JSON.parse(got.text)).toMatchObject({ code: 'UPSTREAM_BODY_INVALID' })
  expect(got.outcome).toBe('refused:body-invalid')
})

test('a longer body is 502, or passes by choice', async () => {
  const mobile = { headers: { 'x-client': 'mobile' } }
  const refused = await run({ ...shapes, maxBytes: 20 }, mobile, () => new Response(body, typed))
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'UPSTREAM_BODY_TOO_LARGE', maxBytes: 20 })
  const passed = await run(
    { ...shapes, maxBytes: 20, onTooLarge: 'pass' },
    mobile,
    () => new Response(body, typed),
  )
  expect(passed.text).toBe(body)
})

const typed = { headers: { 'content-type': 'application/json' } }

test('each profile, and each form of it, has an entity tag of its own', async () => {
  const same: Options = {
    by: ['header.x-client'],
    profiles: {
      a: { response: { pick: ['id'] } },
      b: { response: { pick: ['id'] } },
      c: { response: { pick: ['id'], negotiate: ['json', 'cbor'] } },
      web: {},
    },
  }
  const tags = new Set<string | null>()
  for (const [client, accept] of [
    ['a', 'application/json'],
    ['b', 'application/json'],
    ['c', 'application/json'],
    ['c', 'application/cbor'],
    ['web', 'application/json'],
  ]) {
    const headers = { 'x-client': client as string, accept: accept as string }
    tags.add((await run(same, { headers })).response.headers.get('etag'))
  }
  expect(tags.size).toBe(5)
  expect([...tags].at(-1)).toBe('"v1"')
})

test('a client that comes with the tag of another profile is told nothing of it', async () => {
  const tagOf = async (client: string) =>
    (await run(shapes, { headers: { 'x-client': client } })).response.headers.get('etag') ?? ''
  const sent = async (client: string, tag: string) =>
    (await run(shapes, { headers: { 'x-client': client, 'if-none-match': tag } })).sent?.headers[
      'if-none-match'
    ]
  const mobile = await tagOf('mobile')
  expect(await sent('mobile', mobile)).toBe('"v1"')
  expect(await sent('tv', mobile)).toBeUndefined()
  expect(await sent('tv', await tagOf('web'))).toBeUndefined()
  // The service knows no such tag.
  expect(await sent('web', mobile)).toBe(mobile)
})

const asking: Options = {
  by: ['header.x-client'],
  header: 'X-Profile',
  answerHeader: 'X-Served-As',
  profiles: {
    mobile: {
      request: {
        headers: { remove: ['X-Debug'], set: { 'X-Depth': '1', 'x-plan': '${consumer.plan}' } },
        query: { remove: ['debug'], set: { image: 'small', 'for me': '${header.x-who}' } },
      },
    },
    web: {},
  },
}

test('a profile asks the service for what it needs', async () => {
  const { sent, response } = await run(asking, {
    url: 'https://api.example.com/?image=large&debug=1&b=2',
    headers: { 'x-client': 'mobile', 'x-debug': '1', 'x-depth': '9', 'x-who': 'a&b' },
    identity: caller({}, 'gold'),
  })
  expect(sent?.query).toBe('?image=small&b=2&for%20me=a%26b')
  expect(sent?.headers).toEqual({
    'x-client': 'mobile',
    'x-who': 'a&b',
    'x-depth': '1',
    'x-plan': 'gold',
    'x-profile': 'mobile',
  })
  expect(response.headers.get('x-served-as')).toBe('mobile')
})

test('another profile leaves the request as it is, but for its name', async () => {
  const url = 'https://api.example.com/?image=large'
  const { sent } = await run(asking, { url, headers: { 'x-client': 'web' } })
  expect(sent?.query).toBe('?image=large')
  expect(sent?.headers).toEqual({ 'x-client': 'web', 'x-profile': 'web' })
})

test('a value with a line break is refused', async () => {
  const set = { 'X-A': 'v${query.a}' }
  const options = { by: ['header.x'], profiles: { a: { request: { headers: { set } } } } }
  const { response, outcome, sent } = await run(options, {
    url: 'https://a.example/?a=%0aX-Admin:%20yes',
    headers: { x: 'a' },
  })
  expect([response.status, outcome, sent]).toEqual([400, 'refused', null])
})

test('an upgrade goes on with the name of its profile, and comes back as it is', async () => {
  const exchange = makeExchange({ headers: { 'x-client': 'mobile', upgrade: 'websocket' } })
  const answer = json()
  const both = { ...shapes, header: 'X-Profile' }
  expect(await bind(both).around(exchange, () => answer)).toBe(answer)
  expect(exchange.outgoing.headers['x-profile']).toBe('mobile')
})

test('in shadow mode the profile is found, and what would become of the answer', async () => {
  const watch = async (options: Options, parts: ExchangeParts, answer = json()) => {
    const exchange = makeExchange(parts)
    const given = await bind(options).shadow(exchange, () => answer)
    expect(given).toBe(answer)
    expect(exchange.answer).toEqual([])
    expect({ ...exchange.outgoing.headers }).toEqual(parts.headers ?? {})
    return exchange.event.policies.p
  }
  const of = (client: string) => ({ headers: { 'x-client': client } })
  expect(await watch(shapes, of('mobile'))).toBe('would-profile:mobile')
  expect(await watch(asking, of('mobile'))).toBe('would-profile:mobile')
  expect(await watch(shapes, of('nobody'))).toBe('would-pass')
  const image = { headers: { 'x-client': 'iot', accept: 'image/png' } }
  expect(await watch(shapes, image)).toBe('would-refuse')
  const broken = new Response('{', typed)
  expect(await watch(shapes, of('mobile'), broken)).toBe('would-refuse:body-invalid')
  const used = json()
  await used.text()
  expect(await watch(shapes, of('mobile'), used)).toBe('failed')
})

test('where all profiles ask for the same, nothing of the request is read for the cache', () => {
  expect(definition.reads?.({ use: 'profiles', ...shapes })).toEqual([])
})

test('where one asks for more, requests differ by profile and by what its values read', () => {
  const [chosen, ...names] = definition.reads?.({ use: 'profiles', ...asking }) ?? []
  if (typeof chosen !== 'function') throw new TypeError('no choice')
  const of = (client: string) => chosen(makeExchange({ headers: { 'x-client': client } }))
  expect([of('mobile'), of('MOBILE'), of('web'), of('a'), of('b')]).toEqual([
    'mobile',
    'mobile',
    'web',
    '',
    '',
  ])
  expect(names).toEqual(['consumer.plan', 'header.x-who'])
})

test('the name of the profile, and what says who is calling, can be written by no client', () => {
  expect(definition.reserves?.({ use: 'profiles', ...asking })).toEqual(['x-profile', 'x-plan'])
  expect(definition.reserves?.({ use: 'profiles', ...shapes })).toEqual([])
})
