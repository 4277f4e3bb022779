/** What the gateway does about its table over real processes: none, a bad one, a store that fails, a fleet. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, healthOf, startGateway, until } from './harness.ts'

const failingKv = { kv: join(import.meta.dirname, 'workers/failing-kv.js') }

function hello(text: string) {
  return {
    version: 1,
    routes: [{ name: 'hello', match: { path: '/' }, respond: { status: 200, body: text } }],
  }
}

async function bodyOf(url: string): Promise<string> {
  return (await ask(url)).body
}

async function codeOf(url: string): Promise<readonly [number, string]> {
  const { status, body } = await ask(url)
  return [status, JSON.parse(body).code]
}

async function statusOf(gateway: Gateway): Promise<string | undefined> {
  return (await healthOf(gateway.url))?.status
}

test('with an empty store every request is TABLE_MISSING, until there is a table', async () => {
  const gateway = await startGateway()
  expect(await codeOf(gateway.url)).toEqual([503, 'TABLE_MISSING'])
  const health = await ask(gateway.url, { path: '/_gateway/health' })
  expect([health.status, JSON.parse(health.body).status]).toEqual([503, 'no-table'])
  await gateway.inForce(await gateway.putTable(hello('first')))
  expect(await bodyOf(gateway.url)).toBe('first')
  await gateway.stop()
})

test('a bad table is not served: the one before it serves on, and health says where it is bad', async () => {
  const gateway = await startGateway({ routes: hello('good') })
  await gateway.putTable({ version: 1, routes: [{ name: 'hello', match: { path: 'no-slash' } }] })
  await until(async () => (await statusOf(gateway)) === 'degraded' || undefined)
  expect(await bodyOf(gateway.url)).toBe('good')
  const problems = (await healthOf(gateway.url))?.problems ?? []
  expect(problems.map(({ pointer }) => pointer)).toContain('/routes/0/match/path')
  await gateway.stop()
})

test('a gateway that starts on a bad table serves the last good one', async () => {
  const first = await startGateway({ routes: hello('good') })
  // The good copy is kept once the owner of the version has heard of the table.
  await until(async () => (await first.kv.get('routes:good')) ?? undefined)
  await first.putTable('{ not json')
  await first.stop()
  const second = await startGateway({ state: first.state, wait: false })
  await until(async () => (await statusOf(second)) === 'degraded' || undefined)
  expect(await bodyOf(second.url)).toBe('good')
  await second.stop()
})

test.concurrent.each(['down', 'hang'])(
  'with a store that is %s from the start requests are STORE_UNAVAILABLE',
  async (fault) => {
    const gateway = await startGateway({ modules: failingKv })
    await gateway.kv.put('routes', JSON.stringify(hello('late')), {})
    await gateway.kv.put('fault', fault, {})
    expect(await codeOf(gateway.url)).toEqual([503, 'STORE_UNAVAILABLE'])
    await gateway.kv.put('fault', 'none', {})
    await until(async () => (await bodyOf(gateway.url)) === 'late' || undefined)
    await gateway.stop()
  },
)

test.concurrent.each(['down', 'hang'])(
  'a store that is %s later does not stop a table that serves',
  async (fault) => {
    const gateway = await startGateway({ modules: failingKv, routes: hello('steady') })
    await gateway.kv.put('fault', fault, {})
    await until(async () => (await statusOf(gateway)) === 'degraded' || undefined)
    for (let count = 0; count < 20; count += 1) expect(await bodyOf(gateway.url)).toBe('steady')
    await gateway.kv.put('fault', 'none', {})
    await until(async () => (await statusOf(gateway)) === 'ok' || undefined)
    await gateway.stop()
  },
)

test('a fleet of eight takes a table that one of them was given, each isolate within a second', async () => {
  const gateway = await startGateway({
    routes: hello('old'),
    services: 8,
    vars: { ADMIN_TOKEN: 'secret' },
  })
  const [first = '', ...others] = gateway.urls
  const put = await fetch(`${first}/_gateway/routes`, {
    method: 'PUT',
    headers: { Authorization: 'Bearer secret' },
    body: JSON.stringify(hello('new')),
  })
  expect(put.status).toBe(200)
  expect(await bodyOf(first)).toBe('new')
  const putAt = Date.now()
  // The bound that the gateway states. Later than that the first request of each isolate sees the new table.
  await until(() => Date.now() - putAt >= 1_000 || undefined)
  for (const url of others) expect(await bodyOf(url)).toBe('new')
  await gateway.stop()
})

test('of two tables put at once with the same If-Match one wins, and the other is told so', async () => {
  const gateway = await startGateway({
    routes: hello('old'),
    services: 2,
    vars: { ADMIN_TOKEN: 'secret' },
  })
  const headers = { Authorization: 'Bearer secret' }
  const read = await fetch(`${gateway.url}/_gateway/routes`, { headers })
  const etag = read.headers.get('etag') ?? ''
  const put = (url: string, text: string) =>
    fetch(`${url}/_gateway/routes`, {
      method: 'PUT',
      headers: { ...headers, 'If-Match': etag },
      body: JSON.stringify(hello(text)),
    })
  const answers = await Promise.all(gateway.urls.map((url, index) => put(url, `new ${index}`)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412])
  const conflict = answers.find(({ status }) => status === 412)
  expect(await conflict?.json()).toMatchObject({ code: 'TABLE_VERSION_CONFLICT' })
  await gateway.stop()
})

test('a table of 10,000 routes is put, serves its first and its last route, and stays one look-up away', async () => {
  const gateway = await startGateway({ routes: hello('old'), vars: { ADMIN_TOKEN: 'secret' } })
  const routes = Array.from({ length: 10_000 }, (_, index) => ({
    name: `route-${index}`,
    match: { path: `/group-${index % 100}/item-${index}/:id` },
    policies: [{ use: 'request-id' }],
    respond: { status: 200, body: `route ${index} of \${params.id}` },
  }))
  const put = await fetch(`${gateway.url}/_gateway/routes`, {
    method: 'PUT',
    headers: { Authorization: 'Bearer secret' },
    body: JSON.stringify({ version: 1, routes }),
  })
  expect(await put.json()).toMatchObject({ routes: 10_000 })
  const bodyAt = async (path: string) => (await ask(gateway.url, { path })).body
  expect(await bodyAt('/group-0/item-0/a')).toBe('route 0 of a')
  expect(await bodyAt('/group-99/item-9999/b')).toBe('route 9999 of b')
  expect((await ask(gateway.url, { path: '/group-99/item-9999/b/c' })).status).toBe(404)
  await gateway.stop()
})
