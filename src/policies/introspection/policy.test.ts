import { expect, test } from 'vitest'
import { makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { makeMemories } from '../../platform/memories.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import { definition } from './policy.ts'
import { introspectionSchema } from './schema.ts'

const secrets = { GATEWAY: 's3cret: ü' }
const entry = {
  use: 'introspection' as const,
  url: 'https://id.example.com/introspect',
  clientId: 'the gateway',
  clientSecret: { secret: 'GATEWAY' },
}

type Answer = (call: NetworkCall) => Response | Promise<Response>

const active = (claims: object = {}) =>
  Response.json({ active: true, sub: 'ada', scope: 'read', ...claims })

function isolate(options: object, answer: Answer) {
  const policy = definition.bind({ ...entry, ...options }, makeBindContext({ secrets }))
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  const calls: NetworkCall[] = []
  const memories = makeMemories()
  const network = {
    send: async (call: NetworkCall) => {
      calls.push(call)
      return answer(call)
    },
    sendTo: () => Promise.reject(new Error('no bindings')),
  }
  return {
    calls,
    ask: (headers: Record<string, string>, seconds = 0) =>
      policy.authenticate(
        makeExchange({ headers, network, memories, now: START + seconds * 1000 }),
      ),
  }
}

const bearer = { authorization: 'Bearer t0ken' }
const textOf = (call: NetworkCall | undefined) =>
  new TextDecoder().decode(call?.body as ArrayBuffer)

test('an active token makes the caller known, and goes on', async () => {
  const { ask } = isolate({ forward: { sub: 'X-User' } }, () => active({ roles: ['admin'] }))
  expect(await ask(bearer)).toMatchObject({
    kind: 'verified',
    caller: {
      authority: 'introspection:id.example.com',
      subject: 'ada',
      roles: ['admin'],
      scopes: ['read'],
      consumer: null,
    },
    spent: [],
    forward: { 'x-user': 'ada' },
  })
})

test('the endpoint is asked as RFC 7662 and RFC 6749 §2.3.1 say', async () => {
  const { ask, calls } = isolate({}, () => active())
  await ask(bearer)
  expect(calls[0]).toMatchObject({ method: 'POST', url: entry.url })
  expect(calls[0]?.headers.authorization).toBe(`Basic ${btoa('the+gateway:s3cret%3A+%C3%BC')}`)
  expect(textOf(calls[0])).toBe('token=t0ken&token_type_hint=access_token')
})

test('the credentials of the gateway can stand in the form', async () => {
  const { ask, calls } = isolate({ clientAuth: 'post' }, () => active())
  await ask(bearer)
  expect(calls[0]?.headers).not.toHaveProperty('authorization')
  expect(new URLSearchParams(textOf(calls[0])).get('client_secret')).toBe(secrets.GATEWAY)
})

test('an active token is asked about once in cacheSeconds', async () => {
  const { ask, calls } = isolate({ cacheSeconds: 30 }, () => active())
  for (const seconds of [0, 1, 29]) {
    expect(await ask(bearer, seconds)).toMatchObject({ kind: 'verified' })
  }
  expect(calls).toHaveLength(1)
  await ask(bearer, 30)
  expect(calls).toHaveLength(2)
})

test('what is kept ends with the token', async () => {
  const exp = START / 1000 + 5
  const { ask, calls } = isolate({}, () => active({ exp }))
  expect(await ask(bearer, 4)).toMatchObject({ kind: 'verified' })
  expect(await ask(bearer, 5)).toMatchObject({ kind: 'refused', reason: 'token-expired' })
  expect(calls).toHaveLength(2)
})

test('an inactive token is asked about once in negativeCacheSeconds', async () => {
  const { ask, calls } = isolate({}, () => Response.json({ active: false }))
  for (const seconds of [0, 9]) {
    expect(await ask(bearer, seconds)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'CREDENTIALS_INVALID' },
      reason: 'token-inactive',
    })
  }
  expect(calls).toHaveLength(1)
  await ask(bearer, 10)
  expect(calls).toHaveLength(2)
})

test('with 0 each request asks', async () => {
  const { ask, calls } = isolate({ cacheSeconds: 0 }, () => active())
  await ask(bearer)
  await ask(bearer)
  expect(calls).toHaveLength(2)
})

test.each<[string, Answer, string]>([
  ['cannot be reached', () => Promise.reject(new Error('refused')), 'source-unreachable'],
  ['answers 500', () => new Response('no', { status: 500 }), 'source-status-500'],
  ['does not know the gateway', () => new Response('no', { status: 401 }), 'source-status-401'],
  ['answers no JSON', () => new Response('<html>'), 'source-answer-malformed'],
  ['answers too much', () => new Response(' '.repeat(65_537)), 'source-answer-malformed'],
  [
    'sends its caller elsewhere',
    () => Response.redirect('https://a.example/'),
    'source-status-302',
  ],
])('a source that %s makes it 503, and is asked again', async (_what, answer, reason) => {
  const { ask, calls } = isolate({}, answer)
  expect(await ask(bearer)).toMatchObject({
    kind: 'unavailable',
    refusal: { code: 'IDENTITY_UNAVAILABLE', headers: { 'retry-after': '5' } },
    reason,
  })
  await ask(bearer)
  expect(calls).toHaveLength(2)
})

test('a source that hangs makes it 503 after timeoutMs, and the call is aborted', async () => {
  const { ask, calls } = isolate({ timeoutMs: 5 }, () => new Promise<Response>(() => {}))
  expect(await ask(bearer)).toMatchObject({ kind: 'unavailable', reason: 'source-late' })
  expect(calls[0]?.signal?.aborted).toBe(true)
})

test('a source that is down refuses no token that is kept', async () => {
  let isUp = true
  const { ask } = isolate({}, () => (isUp ? active() : Promise.reject(new Error('down'))))
  await ask(bearer)
  isUp = false
  expect(await ask(bearer, 59)).toMatchObject({ kind: 'verified' })
  expect(await ask(bearer, 60)).toMatchObject({ kind: 'unavailable' })
})

test('a scope that is missing is 403 with the scopes that are needed', async () => {
  const { ask } = isolate({ scopes: ['read', 'write'] }, () => active())
  expect(await ask(bearer)).toMatchObject({
    kind: 'refused',
    refusal: {
      code: 'PERMISSION_DENIED',
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read write"' },
    },
    reason: 'scope-missing',
  })
})

test('nobody is asked about what is no token', async () => {
  const { ask, calls } = isolate({}, () => active())
  expect(await ask({})).toEqual({ kind: 'absent' })
  expect(await ask({ authorization: 'Basic YTpi' })).toEqual({ kind: 'absent' })
  expect(await ask({ authorization: 'Bearer' })).toMatchObject({ reason: 'token-malformed' })
  expect(await ask({ authorization: 'Bearer a b' })).toMatchObject({ reason: 'token-malformed' })
  expect(await ask({ authorization: 'Bearer a, Bearer b' })).toMatchObject({
    reason: 'token-twice',
  })
  expect(await ask({ authorization: `Bearer ${'a'.repeat(16_385)}` })).toMatchObject({
    reason: 'token-malformed',
  })
  expect(calls).toEqual([])
})

test('a token of a cookie is not passed on unless it is said', async () => {
  const from = { cookie: 'session' }
  const spent = { spent: [{ in: 'cookie', name: 'session' }] }
  const cookie = { cookie: 'session=t0ken' }
  expect(await isolate({ from }, () => active()).ask(cookie)).toMatchObject(spent)
  const passing = isolate({ from, passOn: true }, () => active())
  expect(await passing.ask(cookie)).toMatchObject({ spent: [] })
})

test('its issuers are those that it names, else its endpoint', () => {
  expect(definition.issuers?.(entry)).toEqual(['introspection:id.example.com'])
  expect(definition.issuers?.({ ...entry, issuer: ['https://a', 'https://b'] })).toEqual([
    'introspection:https://a',
    'introspection:https://b',
  ])
})

test('a gateway answers 401 with a challenge, and 503 while the source is down', async () => {
  const table = {
    version: 1,
    routes: [{ name: 'all', match: { path: '/*' }, policies: [entry], respond: { status: 204 } }],
  }
  const gateway = makeGateway(table, { secrets, answer: () => new Response('', { status: 503 }) })
  const missing = await gateway.ask()
  expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer\b(?!.*error)/)
  const down = await gateway.ask({ headers: { authorization: 'Bearer of-a-source-that-is-down' } })
  expect(down.headers.get('retry-after')).toBe('5')
  expect(await down.json()).toMatchObject({ status: 503, code: 'IDENTITY_UNAVAILABLE' })
  expect(gateway.events[1]?.policies).toEqual({ 'introspection-1': 'refused:source-status-503' })
  expect(JSON.stringify(gateway.events)).not.toContain('of-a-source')
})

test.each([
  [{ url: 'ftp://a' }],
  [{ url: 'https://user:pass@a.example/' }],
  [{ clientSecret: 'plain' }],
  [{ cacheSeconds: -1 }],
  [{ scopes: [] }],
  [{ when: { headers: { a: '1' } } }],
])('%j is refused by the schema', (options) => {
  expect(introspectionSchema.safeParse({ ...entry, ...options }).success).toBe(false)
})
