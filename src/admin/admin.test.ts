import { expect, test } from 'vitest'
import {
  brokenProblem,
  type FakeTable,
  fakeVersionOf,
  makeFakeLoad,
  tableText,
} from '../../test/doubles/tables.ts'
import { TableSource } from '../config/source.ts'
import { lookPolicies } from '../config/source-core.ts'
import { type Code, catalogue } from '../errors/catalogue.ts'
import { MemoryClock } from '../platform/memory/clock.ts'
import { MemoryDocuments } from '../platform/memory/documents.ts'
import { MemoryTableVersions } from '../platform/memory/table-versions.ts'
import { bindAdmin } from './admin.ts'
import type { AdminCall, AdminParts } from './call.ts'
import type { AdminConfig } from './config.ts'

const secret: AdminConfig = { token: 'secret', nextToken: null, hosts: null }

interface Sent {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly host?: string
  readonly address?: string
}

function setUp(config: AdminConfig = secret) {
  const clock = new MemoryClock(1_000_000)
  const documents = new MemoryDocuments()
  const parts = { documents, clock, timers: clock, versionOf: fakeVersionOf }
  const versions = new MemoryTableVersions(parts).start()
  const ports = { ...parts, versions, defer: (work: Promise<unknown>) => void work }
  const load = makeFakeLoad()
  const shared = { load, versionOf: fakeVersionOf, build: 'build-1', portsOf: () => ports }
  const source = new TableSource({ ...shared, policy: lookPolicies.machine })
  const adminParts: AdminParts = { ...shared, config, source, host: 'machine' }
  const admin = bindAdmin(adminParts)

  async function send(path: string, sent: Sent = {}) {
    const { method = 'GET', token, headers = {}, body = null } = sent
    const [pathname = '', query = ''] = path.split(/(?=\?)/)
    const url = `http://${sent.host ?? 'gateway.test'}/_gateway${path}`
    const received: Record<string, string> = { ...headers }
    if (token !== undefined) received.authorization = `Bearer ${token}`
    const call = {
      request: new Request(url, {
        method,
        body: method === 'GET' || method === 'HEAD' ? null : body,
      }),
      method,
      target: { path: `/_gateway${pathname}`, query, host: sent.host ?? 'gateway.test' },
      client: { address: sent.address ?? '192.0.2.1' },
      received,
      ports,
    } as unknown as AdminCall
    const answer = await admin(call)
    if (answer instanceof Response) {
      const text = await answer.text()
      return { code: null, status: answer.status, headers: answer.headers, text, json: parse(text) }
    }
    const { code, headers: fields = {}, members = {} } = answer
    const { status } = catalogue[code]
    return { code, status, headers: new Headers(fields), text: '', json: members }
  }

  const operate = (path: string, sent: Sent = {}) => send(path, { token: 'secret', ...sent })
  const put = (table: FakeTable, headers: Readonly<Record<string, string>> = {}) =>
    operate('/routes', { method: 'PUT', body: tableText(table), headers })
  const look = () => source.look(ports)
  return { clock, documents, versions, source, send, operate, put, look }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

test('health without a table is 503 no-table', async () => {
  const { send } = setUp()
  const { status, json } = await send('/health')
  expect(status).toBe(503)
  expect(json).toEqual({ status: 'no-table', table: null, problems: [] })
})

test('health with a table is 200 ok and carries its version', async () => {
  const { send, put } = setUp()
  const { json } = await put({ name: 'one' })
  const health = await send('/health')
  expect(health.status).toBe(200)
  expect(health.json).toEqual({
    status: 'ok',
    table: {
      version: json.version,
      loadedAt: expect.stringMatching(/^1970-.*Z$/),
      routes: 1,
    },
    problems: [],
  })
  expect(health.headers.get('isogate-table')).toBe(json.version)
  expect(health.headers.get('cache-control')).toBe('no-store')
})

test('the operator sees more of health', async () => {
  const { put, operate } = setUp()
  await put({ name: 'one' })
  const { json } = await operate('/health')
  expect(json).toMatchObject({
    status: 'ok',
    build: 'build-1',
    host: 'machine',
    servedFrom: 'routes',
    warnings: [],
  })
})

test('a problem page is JSON for programs and HTML for browsers', async () => {
  const { send } = setUp()
  const json = await send('/problems/route-not-found')
  expect(json.json).toMatchObject({ code: 'ROUTE_NOT_FOUND', status: 404, fault: 'client' })
  const html = await send('/problems/route-not-found', {
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
  })
  expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(html.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(html.headers.get('vary')).toBe('Accept')
  // The advice quotes a command and angle brackets: all of it is escaped.
  const token = await send('/problems/admin-token-invalid', { headers: { accept: 'text/html' } })
  expect(token.text).not.toContain('<ADMIN_TOKEN>')
})

test('the list of problems has every code of the catalogue', async () => {
  const { send } = setUp()
  const { json } = await send('/problems/')
  const codes = (json.problems as { code: Code }[]).map(({ code }) => code)
  expect(codes).toEqual(Object.keys(catalogue))
})

test.each(['/problems/ROUTE_NOT_FOUND', '/problems/none', '/nothing', '', '/routes/other'])(
  'there is nothing at %s',
  async (path) => {
    const { operate } = setUp()
    expect((await operate(path)).code).toBe('ADMIN_NOT_FOUND')
  },
)

test('a wrong method is answered 405 with Allow', async () => {
  const { send, operate } = setUp()
  const health = await send('/health', { method: 'DELETE' })
  expect(health.code).toBe('METHOD_NOT_ALLOWED')
  expect(health.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  const routes = await operate('/routes', { method: 'POST' })
  expect(routes.headers.get('allow')).toBe('GET, PUT, HEAD, OPTIONS')
})

test('HEAD answers as GET without a body', async () => {
  const { operate, put } = setUp()
  await put({ name: 'one' })
  const head = await operate('/routes', { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(head.headers.get('etag')).toMatch(/^"[0-9a-f]{16}"$/)
  expect(head.text).toBe('')
})

test('without an admin token set the hidden part is 404, health stays public', async () => {
  const { send } = setUp({ token: null, nextToken: 'next', hosts: null })
  for (const path of ['/routes', '/routes/rollback']) {
    expect((await send(path, { token: 'next' })).code).toBe('ADMIN_NOT_FOUND')
  }
  const health = await send('/health', { token: 'whatever' })
  expect(health.json).toMatchObject({ status: 'no-table' })
})

test('a missing token is 401 with a challenge and no error code', async () => {
  const { send } = setUp()
  const { code, headers } = await send('/routes')
  expect(code).toBe('ADMIN_TOKEN_INVALID')
  expect(headers.get('www-authenticate')).toBe('Bearer realm="isogate"')
})

test('a wrong token is 401, also for health', async () => {
  const { send } = setUp()
  for (const path of ['/routes', '/health']) {
    const { code, headers } = await send(path, { token: 'wrong' })
    expect(code).toBe('ADMIN_TOKEN_INVALID')
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
  }
})

test('a wrong token does not learn the methods of a hidden path', async () => {
  const { send } = setUp()
  const { code, headers } = await send('/routes', { method: 'DELETE', token: 'wrong' })
  expect(code).toBe('ADMIN_TOKEN_INVALID')
  expect(headers.has('allow')).toBe(false)
})

test('the next token is accepted as well', async () => {
  const { operate } = setUp({ ...secret, nextToken: 'next' })
  expect((await operate('/routes', { token: 'next' })).status).toBe(200)
  expect((await operate('/routes')).status).toBe(200)
})

test('ten wrong tokens a minute lock an address out, even with the right one', async () => {
  const { send, operate, clock } = setUp()
  for (let count = 0; count < 10; count++) {
    expect((await send('/routes', { token: `wrong-${count}` })).status).toBe(401)
  }
  const locked = await send('/routes', { token: 'secret' })
  expect(locked.code).toBe('ADMIN_TOKEN_THROTTLED')
  expect(locked.headers.get('retry-after')).toBe('60')
  expect((await operate('/routes', { address: '192.0.2.2' })).status).toBe(200)
  await clock.advance(60_000)
  expect((await operate('/routes')).status).toBe(200)
})

test('wrong tokens that are sent all at once are counted too', async () => {
  const { send } = setUp()
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => send('/routes', { token: 'wrong' })),
  )
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
})

test('admin hosts hide the rest from other hosts', async () => {
  const { send, operate } = setUp({ ...secret, hosts: new Set(['admin.test']) })
  expect((await operate('/routes', { host: 'gateway.test' })).code).toBe('ADMIN_NOT_FOUND')
  expect((await operate('/routes', { host: 'admin.test' })).status).toBe(200)
  const health = await send('/health', { token: 'secret' })
  expect(health.json).not.toHaveProperty('build')
})

test('a table that is put is in force at once', async () => {
  const { put, source } = setUp()
  const { status, headers, json } = await put({ name: 'one' })
  expect(status).toBe(200)
  const version = await fakeVersionOf(tableText({ name: 'one' }))
  expect(json).toEqual({ version, routes: 1, warnings: [] })
  expect(headers.get('etag')).toBe(`"${version}"`)
  expect(headers.get('isogate-table')).toBe(version)
  expect(source.plan?.version).toBe(version)
})

test('a table is read as it was put, with each route marked and its versions', async () => {
  const { put, operate } = setUp()
  await put({ name: 'one' })
  const { json } = await put({ name: 'two' })
  const read = await operate('/routes')
  expect(read.headers.get('etag')).toBe(`"${json.version}"`)
  expect(read.json).toMatchObject({
    version: json.version,
    routes: [{ name: 'two', open: true }],
    versions: [{ version: json.version, routes: 1 }, { routes: 1 }],
    table: JSON.parse(tableText({ name: 'two' })),
  })
  expect(read.text).toContain(tableText({ name: 'two' }))
})

test('a read before the first PUT shows an empty table', async () => {
  const { operate } = setUp()
  const { status, json } = await operate('/routes')
  expect(status).toBe(200)
  expect(json).toEqual({ version: null, routes: [], versions: [], table: null })
})

test('a table with problems is refused with all of them and changes nothing', async () => {
  const { put, source } = setUp()
  await put({ name: 'one' })
  const { code, json } = await put({ name: 'bad', broken: true })
  expect(code).toBe('TABLE_INVALID')
  expect(json.problems).toEqual([brokenProblem])
  expect(source.plan?.routes[0]?.name).toBe('one')
})

test('a table that needs what this Worker lacks is refused', async () => {
  const { put } = setUp()
  const missing = [{ pointer: '/upstreams/u', code: 'SECRET_MISSING', name: 'KEY' }] as const
  const { code, json } = await put({ name: 'poor', missing })
  expect(code).toBe('TABLE_INVALID')
  expect(json.problems).toMatchObject([{ code: 'SECRET_MISSING', severity: 'environment' }])
})

test.each(['', 'no json'])('the body %j is refused', async (body) => {
  const { operate } = setUp()
  const { status } = await operate('/routes', { method: 'PUT', body })
  expect(status).toBe(422)
})

test('a body that is no UTF-8 is refused', async () => {
  const { operate } = setUp()
  const body = new Uint8Array([0x7b, 0xff, 0x7d])
  const { code, json } = await operate('/routes', { method: 'PUT', body })
  expect(code).toBe('TABLE_INVALID')
  expect(json.problems).toMatchObject([{ pointer: '', code: 'SYNTAX_INVALID' }])
})

test('a body over 25 MiB is refused, whether it says its length or not', async () => {
  const { operate } = setUp()
  const said = await operate('/routes', {
    method: 'PUT',
    body: 'x',
    headers: { 'content-length': '26214401' },
  })
  expect(said.code).toBe('BODY_TOO_LARGE')
  const body = new Uint8Array(26_214_401).fill(0x20)
  const unsaid = await operate('/routes', { method: 'PUT', body })
  expect(unsaid.code).toBe('BODY_TOO_LARGE')
  expect(unsaid.json).toEqual({ limitBytes: 26_214_400 })
})

test('an encoded body is refused', async () => {
  const { operate } = setUp()
  const headers = { 'content-encoding': 'gzip' }
  const { code } = await operate('/routes', { method: 'PUT', body: 'x', headers })
  expect(code).toBe('BODY_ENCODED')
})

test('a PUT on another version is a conflict that names the one in force', async () => {
  const { put } = setUp()
  const { json } = await put({ name: 'one' })
  const conflict = await put({ name: 'two' }, { 'if-match': '"0000000000000000"' })
  expect(conflict.code).toBe('TABLE_VERSION_CONFLICT')
  expect(conflict.json).toEqual({ current: json.version })
  const match = { 'if-match': `"${json.version}"` }
  expect((await put({ name: 'two' }, match)).status).toBe(200)
})

test('a PUT that its owner cannot write is 503 with Retry-After and is not in force', async () => {
  const { versions, put, source } = setUp()
  await put({ name: 'one' })
  versions.put = async () => ({ kind: 'unavailable', retryAfterSeconds: 1 })
  const { code, headers } = await put({ name: 'two' })
  expect(code).toBe('STORE_UNAVAILABLE')
  expect(headers.get('retry-after')).toBe('1')
  expect(source.plan?.routes[0]?.name).toBe('one')
})

test('a rollback without a version brings the table from before', async () => {
  const { put, operate, source } = setUp()
  const first = await put({ name: 'one' })
  await put({ name: 'two' })
  const { status, json } = await operate('/routes/rollback', { method: 'POST' })
  expect(status).toBe(200)
  expect(json).toMatchObject({ version: first.json.version, routes: 1, warnings: [] })
  expect(source.plan?.routes[0]?.name).toBe('one')
})

test.each(['body', 'query'] as const)('a rollback takes a version from the %s', async (place) => {
  const { put, operate, source } = setUp()
  const { json } = await put({ name: 'one' })
  for (const name of ['two', 'three']) await put({ name })
  const { status } =
    place === 'query'
      ? await operate(`/routes/rollback?version=${json.version}`, { method: 'POST' })
      : await operate('/routes/rollback', {
          method: 'POST',
          body: JSON.stringify({ version: json.version }),
        })
  expect(status).toBe(200)
  expect(source.plan?.routes[0]?.name).toBe('one')
})

test('a rollback to an unknown version is 404', async () => {
  const { put, operate } = setUp()
  expect((await operate('/routes/rollback', { method: 'POST' })).code).toBe('TABLE_VERSION_UNKNOWN')
  await put({ name: 'one' })
  const body = JSON.stringify({ version: '0000000000000000' })
  const named = await operate('/routes/rollback', { method: 'POST', body })
  expect(named.code).toBe('TABLE_VERSION_UNKNOWN')
})

test.each(['no json', '{"version":7}', 'null'])('the rollback body %j is 400', async (body) => {
  const { operate } = setUp()
  const { code } = await operate('/routes/rollback', { method: 'POST', body })
  expect(code).toBe('BODY_INVALID')
})

test('a rollback on another version is a conflict', async () => {
  const { put, operate } = setUp()
  await put({ name: 'one' })
  await put({ name: 'two' })
  const headers = { 'if-match': '"0000000000000000"' }
  const { code } = await operate('/routes/rollback', { method: 'POST', headers })
  expect(code).toBe('TABLE_VERSION_CONFLICT')
})

test('a broken table that came past the gateway is shown with its problems', async () => {
  const { documents, operate, look, put, send, source } = setUp()
  await put({ name: 'one' })
  const text = tableText({ name: 'bad', broken: true })
  await documents.put('routes', text, null)
  await look()
  expect(source.plan?.routes[0]?.name).toBe('one')
  const { pointer, code } = brokenProblem
  const health = await send('/health')
  expect(health.status).toBe(200)
  expect(health.json).toMatchObject({ status: 'degraded', problems: [{ pointer, code }] })
  expect(health.text).not.toContain(brokenProblem.message)
  expect((await operate('/health')).json).toMatchObject({ problems: [brokenProblem] })
  const { json } = await operate('/routes')
  expect(json).toMatchObject({ version: await fakeVersionOf(text), problems: [brokenProblem] })
})

test('a text that is no JSON is shown without its text', async () => {
  const { documents, operate } = setUp()
  await documents.put('routes', 'no json', null)
  expect((await operate('/routes')).json).toMatchObject({ table: null, problems: [{}] })
})
