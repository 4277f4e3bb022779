import { expect, test } from 'vitest'
import { makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import { makeGateway } from '../../../test/gateway.ts'
import { makeMemories } from '../../platform/memories.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import { definition } from './policy.ts'
import { externalAuthSchema } from './schema.ts'

const entry = { use: 'external-auth' as const, url: 'http://auth.internal:9000/check?v=1' }

type Answer = (call: NetworkCall) => Response | Promise<Response>

function isolate(options: object, answer: Answer) {
  const parsed = externalAuthSchema.safeParse({ ...entry, ...options })
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues))
  const policy = definition.bind(parsed.data, makeBindContext())
  if (policy.kind !== 'identify') throw new TypeError('not an identity policy')
  const calls: (NetworkCall & { binding?: string })[] = []
  const memories = makeMemories()
  const network = {
    send: async (call: NetworkCall) => {
      calls.push(call)
      return answer(call)
    },
    sendTo: async (binding: string, call: NetworkCall) => {
      calls.push({ ...call, binding })
      return answer(call)
    },
  }
  return {
    calls,
    ask: async (headers: Record<string, string> = {}, seconds = 0, url = '/orders/7?a=1') =>
      policy.authenticate(
        makeExchange({
          method: 'DELETE',
          url: `https://api.example.com${url}`,
          headers,
          network,
          memories,
          now: START + seconds * 1000,
        }),
      ),
  }
}

const yes = (headers: Record<string, string> = {}) => new Response(null, { status: 204, headers })
const no = (status = 403) => new Response('no', { status })
const ada = { authorization: 'Bearer ada' }

test('the service is asked with the head that was chosen, and what the request is', async () => {
  const { ask, calls } = isolate({ requestHeaders: ['Authorization', 'X-Tenant'] }, () => yes())
  const spoofed = { 'x-forwarded-uri': '/public', 'x-forwarded-method': 'GET' }
  await ask({ ...ada, ...spoofed, 'x-tenant': 't1', cookie: 'a=1' })
  const [call] = calls
  expect(call).toMatchObject({ url: entry.url, method: 'GET', body: null })
  expect(call?.headers).toMatchObject({
    authorization: 'Bearer ada',
    'x-tenant': 't1',
    'x-forwarded-method': 'DELETE',
    'x-forwarded-uri': '/orders/7?a=1',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.7',
    'x-request-id': 'request-1',
  })
  expect(call?.headers).not.toHaveProperty('cookie')
})

test('a yes with a name makes the caller known, with the fields that were chosen', async () => {
  const options = { subjectHeader: 'X-User', responseHeaders: ['X-User', 'X-Roles'] }
  const { ask } = isolate(options, () => yes({ 'X-User': 'ada', 'X-Roles': 'a', 'X-Other': '1' }))
  expect(await ask(ada)).toMatchObject({
    kind: 'verified',
    caller: { authority: 'external:auth.internal:9000', subject: 'ada', claims: { sub: 'ada' } },
    spent: [],
    forward: { 'x-user': 'ada', 'x-roles': 'a' },
  })
})

test('a yes without a name admits the caller, anonymous', async () => {
  const { ask } = isolate({ responseHeaders: ['X-Roles'] }, () => yes({ 'X-Roles': 'guest' }))
  expect(await ask()).toEqual({ kind: 'admitted', spent: [], forward: { 'x-roles': 'guest' } })
})

test('a no is the answer of the service, with its status, chosen fields and body', async () => {
  const { ask } = isolate({}, () => {
    const headers = { Location: 'https://id.example.com/', 'Set-Cookie': 'a=1', Server: 'nginx' }
    return new Response('sign in', { status: 302, headers })
  })
  const found = await ask()
  if (found.kind !== 'refused' || found.answer === undefined) throw new TypeError('no answer')
  expect(found.answer.status).toBe(302)
  expect(Object.fromEntries(found.answer.headers)).toEqual({
    'cache-control': 'no-store',
    'content-type': 'text/plain;charset=UTF-8',
    location: 'https://id.example.com/',
    'set-cookie': 'a=1',
  })
  expect(await found.answer.text()).toBe('sign in')
  expect(found.reason).toBe('service-status-302')
})

test.each([
  [401, 'CREDENTIALS_INVALID'],
  [403, 'PERMISSION_DENIED'],
  [404, 'CREDENTIALS_INVALID'],
])('with problems a %i of the service is %s', async (status, code) => {
  const { ask } = isolate({ refusal: 'problem' }, () => no(status))
  const found = await ask()
  expect(found).toMatchObject({ kind: 'refused', refusal: { code } })
  expect(found).not.toHaveProperty('answer')
})

test('a no whose body is too long is a problem', async () => {
  const { ask } = isolate({ bodyLimitBytes: 1 }, () => no())
  const found = await ask()
  expect(found).toMatchObject({ kind: 'refused', refusal: { code: 'PERMISSION_DENIED' } })
  expect(found).not.toHaveProperty('answer')
})

const faults: readonly (readonly [string, Answer, string])[] = [
  ['cannot be reached', () => Promise.reject(new Error('refused')), 'source-unreachable'],
  ['answers 500', () => no(500), 'source-status-500'],
  ['hangs', () => new Promise<Response>(() => {}), 'source-late'],
]

test.each(faults)('a service that %s makes it 503', async (_what, answer, reason) => {
  const { ask } = isolate({ timeoutMs: 5 }, answer)
  expect(await ask()).toMatchObject({
    kind: 'unavailable',
    refusal: { code: 'IDENTITY_UNAVAILABLE', headers: { 'retry-after': '5' } },
    reason,
  })
})

test.each(faults)(
  'with allow, a service that %s lets pass, anonymous',
  async (_w, answer, reason) => {
    const { ask } = isolate({ timeoutMs: 5, onStoreFault: 'allow' }, answer)
    expect(await ask(ada)).toEqual({ kind: 'admitted', reason, spent: [], forward: {} })
  },
)

const cached = {
  cacheKey: ['${header.authorization}', '${request.path}'],
  cacheSeconds: 30,
  negativeCacheSeconds: 5,
}

test('a yes is kept for cacheSeconds, a no for negativeCacheSeconds', async () => {
  const allowing = isolate(cached, () => yes())
  for (const seconds of [0, 29]) await allowing.ask(ada, seconds)
  expect(allowing.calls).toHaveLength(1)
  await allowing.ask(ada, 30)
  expect(allowing.calls).toHaveLength(2)

  const denying = isolate(cached, () => no())
  for (const seconds of [0, 4]) expect((await denying.ask(ada, seconds)).kind).toBe('refused')
  expect(denying.calls).toHaveLength(1)
  await denying.ask(ada, 5)
  expect(denying.calls).toHaveLength(2)
})

test('a no that is kept is a whole answer each time', async () => {
  const { ask } = isolate(cached, () => no())
  for (let times = 0; times < 2; times++) {
    const found = await ask(ada)
    expect(found.kind === 'refused' && (await found.answer?.text())).toBe('no')
  }
})

test('another value of the key is another answer', async () => {
  const { ask, calls } = isolate(cached, () => yes())
  await ask(ada)
  await ask({ authorization: 'Bearer bob' })
  await ask(ada, 0, '/orders/8')
  expect(calls).toHaveLength(3)
})

test('nothing is kept without a key, for an empty key, for a cookie or for a failure', async () => {
  const asked = async (
    options: object,
    answer: Answer,
    headers = ada as Record<string, string>,
  ) => {
    const { ask, calls } = isolate(options, answer)
    await ask(headers)
    await ask(headers)
    return calls.length
  }
  expect(await asked({}, () => yes())).toBe(2)
  const byToken = { ...cached, cacheKey: ['${header.authorization}'] }
  expect(await asked(byToken, () => yes(), {})).toBe(2)
  const login = () => new Response('', { status: 401, headers: { 'Set-Cookie': 'a=1' } })
  expect(await asked(cached, login)).toBe(2)
  expect(await asked(cached, () => no(502))).toBe(2)
})

test('a service binding is asked by name, and one that is missing takes the route out', async () => {
  const { ask, calls } = isolate({ url: 'binding://AUTH/check' }, () => yes())
  await ask()
  expect(calls[0]).toMatchObject({ binding: 'AUTH', url: 'http://auth.invalid/check' })
  const context = makeBindContext()
  definition.bind({ ...entry, url: 'binding://AUTH' }, context)
  expect(context.missed).toEqual([['/routes/0/policies/0/url', 'SERVICE_MISSING', 'AUTH']])
})

test('only a service that names callers is an issuer', () => {
  expect(definition.issuers?.(entry)).toEqual([])
  const naming = { ...entry, subjectHeader: 'X-User' }
  expect(definition.issuers?.(naming)).toEqual(['external:auth.internal:9000'])
})

test('a gateway passes on what the service says, and never what the client said', async () => {
  const table = {
    version: 1,
    upstreams: { users: { targets: ['http://users.internal'] } },
    routes: [
      {
        name: 'users',
        match: { path: '/*' },
        policies: [{ ...entry, responseHeaders: ['X-User', 'X-Roles'] }],
        upstream: 'users',
      },
    ],
  }
  const answer: Answer = ({ url, headers }) => {
    if (!url.startsWith('http://auth.internal')) return new Response('ok')
    return headers.authorization === undefined
      ? new Response('who?', { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } })
      : yes({ 'X-User': 'ada' })
  }
  const gateway = makeGateway(table, { answer })
  const refused = await gateway.ask({ headers: { 'x-user': 'root' } })
  expect([refused.status, await refused.text()]).toEqual([401, 'who?'])
  expect(refused.headers.get('www-authenticate')).toBe('Bearer')
  expect(gateway.events[0]?.policies).toEqual({ 'external-auth-1': 'refused:service-status-401' })
  const headers = { ...ada, 'x-user': 'root', 'X-Roles': 'admin', x_roles: 'admin' }
  expect((await gateway.ask({ headers })).status).toBe(200)
  const sent = gateway.calls.at(-1)?.headers
  expect(sent).toMatchObject({ 'x-user': 'ada', authorization: 'Bearer ada' })
  expect(sent).not.toHaveProperty('x-roles')
  expect(sent).not.toHaveProperty('x_roles')
})

test.each([
  [{ url: 'auth.internal' }],
  [{ method: 'PUT' }],
  [{ responseHeaders: ['Host'] }],
  [{ cacheSeconds: 10 }],
  [{ cacheKey: ['${header.authorization}'] }],
  [{ cacheKey: ['${nothing.known}'], cacheSeconds: 1 }],
  [{ cacheKey: [], cacheSeconds: 1 }],
  [{ onStoreFault: 'local' }],
  [{ optional: true }],
  [{ when: { query: { a: '1' } } }],
])('%j is refused by the schema', (options) => {
  expect(externalAuthSchema.safeParse({ ...entry, ...options }).success).toBe(false)
})
