/** Every table that the project shows is one that the gateway takes; some do before our eyes what they say. */
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../serve/project.ts'
import { readRoutes } from '../../serve/table.ts'
import { readJson } from '../../src/config/json.ts'
import { ask } from './client.ts'
import { startGateway, startOrigin, until } from './harness.ts'

const signingKey = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const files = globSync(['routes.json', 'examples/*.routes.json'], { cwd: projectFolder })

test.each(files)('%s has no problem', async (file) => {
  const vars = {
    SHOP: 'http://127.0.0.1:9103',
    SHOP_KEY: 's3cret',
    SIGNING_KEY: signingKey,
    WAREHOUSE_KEY: 's3cret',
    CRM_SECRET: 's3cret',
    AWS_SECRET: 's3cret',
    ACME_KEY: 's3cret of thirty-two bytes or so',
    ACME_PASSWORD: 's3cret',
    INTROSPECTION_SECRET: 's3cret',
  }
  const reading = await readRoutes(join(projectFolder, file), vars)
  expect(reading.problems).toEqual([])
  expect(reading.kind).toBe('sound')
})

const authorization = 'Bearer operator'

/** Runs an example; services of ours stand in for those that it names, by port. */
function run(name: string, services: Readonly<Record<number, string>>) {
  const source = readFileSync(join(projectFolder, `examples/${name}.routes.json`), 'utf8')
  const moved = Object.entries(services).reduce(
    (text, [port, url]) => text.replaceAll(`http://127.0.0.1:${port}`, url),
    source,
  )
  const reading = readJson(moved, { comments: true })
  if (reading.kind !== 'read') throw new Error(`${name} is no JSON`)
  return startGateway({ routes: reading.value as object, vars: { ADMIN_TOKEN: 'operator' } })
}

/** A service whose answers have a status that can be changed; `/health` is always 200. */
async function startCatalog() {
  const says = { status: 200 }
  const origin = await startOrigin(({ url }, response) => {
    response.statusCode = url === '/health' ? 200 : says.status
    response.setHeader('Cache-Control', 'public, max-age=60')
    response.end('{}')
  })
  const calls = () => origin.all.filter(({ url }) => url !== '/health').length
  return { ...origin, says, calls }
}

async function closedPort(): Promise<string> {
  const origin = await startOrigin()
  await origin.stop()
  return origin.url
}

test('12-resilient-calls: a target where nobody listens costs no client its answer, and is taken out', async () => {
  const catalog = await startCatalog()
  const gateway = await run('12-resilient-calls', { 9103: catalog.url, 9113: await closedPort() })
  for (let call = 0; call < 4; call += 1) {
    const { status, headers } = await ask(gateway.url, { path: '/products' })
    expect([status, headers['isogate-fallback']]).toEqual([200, undefined])
  }
  const healthy = () =>
    until(async () => {
      const asked = { path: '/_gateway/breakers/catalog', headers: { authorization } }
      const { health } = JSON.parse((await ask(gateway.url, asked)).body) as {
        readonly health: readonly { readonly healthy: boolean }[]
      }
      return health.some((target) => !target.healthy) ? health : undefined
    }, 30_000)
  expect((await healthy()).map((target) => target.healthy)).toEqual([true, false])
})

test('12-resilient-calls: a service that fails is answered for, and soon left alone', async () => {
  const catalog = await startCatalog()
  const gateway = await run('12-resilient-calls', { 9103: catalog.url, 9113: await closedPort() })
  catalog.says.status = 503
  const replies = []
  for (let call = 0; call < 20; call += 1)
    replies.push(await ask(gateway.url, { path: '/products' }))
  expect(replies.map(({ body }) => body)).toEqual(
    replies.map(() => '{"items":[],"total":0,"next":null}'),
  )
  expect(replies[0]?.headers['isogate-fallback']).toBe('respond')
  expect(catalog.calls()).toBeLessThan(10)
})

test('13-cache: the second request is a hit until its tag is purged', async () => {
  const catalog = await startCatalog()
  const gateway = await run('13-cache', { 9103: catalog.url })
  const get = async () =>
    (await ask(gateway.url, { path: '/products/p_104' })).headers['cache-status']
  expect(await get()).toBe('isogate; fwd=uri-miss; fwd-status=200; stored')
  expect(await until(async () => ((await get())?.includes('hit') ? 'hit' : undefined))).toBe('hit')
  const asked = catalog.calls()
  const purged = await ask(gateway.url, {
    method: 'POST',
    path: '/_gateway/purge',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"tags":["products"]}',
  })
  expect(purged.status).toBe(200)
  expect(await get()).toBe('isogate; fwd=uri-miss; fwd-status=200; stored')
  expect(catalog.calls()).toBe(asked + 1)
})

test('13-cache: a payment that is sent twice with one key is made once', async () => {
  const payments = await startOrigin((_request, response) => {
    response.statusCode = 201
    response.end(`payment ${payments.count()}`)
  })
  const gateway = await run('13-cache', { 9106: payments.url })
  const pay = (headers: Record<string, string>) =>
    ask(gateway.url, { method: 'POST', path: '/payments', headers, body: '{}' })
  const key = { 'idempotency-key': '"pay-1"' }
  const first = await pay(key)
  const second = await pay(key)
  expect([first.status, first.body]).toEqual([201, 'payment 1'])
  expect([second.status, second.body]).toEqual([201, 'payment 1'])
  expect(second.headers['idempotency-replayed']).toBe('true')
  expect(payments.count()).toBe(1)
  expect((await pay({})).status).toBe(400)
})

test('14-canary: testers go to the new version, and everybody stays where they are', async () => {
  const catalog = await startOrigin()
  const gateway = await run('14-canary', { 9103: catalog.url })
  const versionFor = async (headers: Record<string, string>) => {
    await ask(gateway.url, { path: '/products', headers })
    return catalog.last().headers['x-catalog'] ?? 'old'
  }
  expect(await versionFor({ 'x-version': 'next' })).toBe('next')
  const callers = Array.from({ length: 100 }, (_, index) => ({ cookie: `sid=${index}` }))
  const first = []
  for (const caller of callers) first.push(await versionFor(caller))
  const again = []
  for (const caller of callers) again.push(await versionFor(caller))
  expect(again).toEqual(first)
  expect(new Set(first)).toEqual(new Set(['old', 'next']))
})
