import { expect, test } from 'vitest'
import { secret, setUpAdmin as setUp } from '../../test/doubles/admin.ts'
import { type Code, catalogue } from '../errors/catalogue.ts'

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
