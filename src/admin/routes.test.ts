/** Reading, putting and rolling back the table over the admin surface. */
import { expect, test } from 'vitest'
import { setUpAdmin as setUp } from '../../test/doubles/admin.ts'
import { brokenProblem, fakeVersionOf, tableText } from '../../test/doubles/tables.ts'

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
  expect(unsaid.json).toEqual({ maxBytes: 26_214_400 })
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
