/** Every table that the project shows is one that the gateway takes; some do before our eyes what they say. */
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerReviews } from '../../examples/services/reviews.ts'
import { answerStock } from '../../examples/services/stock.ts'
import { projectFolder } from '../../serve/project.ts'
import { readRoutes } from '../../serve/table.ts'
import { readJson } from '../../src/config/json.ts'
import { ask } from './client.ts'
import { startGateway, startOrigin, until } from './harness.ts'
import { readBody } from './origin.ts'

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

/** A service that answers JSON by path; what is not listed is a 404. */
function startJson(answers: Readonly<Record<string, unknown>>) {
  return startOrigin((request, response) => {
    const found = answers[request.url ?? '']
    response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(found ?? {}))
  })
}

test('16-aggregate: a page is made of its parts, the products of all lines by one call that is kept', async () => {
  const lines = [
    { productId: 'p_1', quantity: 2 },
    { productId: 'p_2', quantity: 1 },
  ]
  const shop = await startJson({
    '/orders/o_1': { id: 'o_1', userId: 'u_1', status: 'paid', lines },
    '/users/u_1': { name: 'Maya' },
    '/products?ids=p_1,p_2': { items: [{ id: 'p_2', name: 'Lamp' }] },
    '/rewards/u_1': { tier: 'gold' },
  })
  const ports = { 9101: shop.url, 9102: shop.url, 9103: shop.url, 9105: shop.url }
  const gateway = await run('16-aggregate', ports)
  const page = await ask(gateway.url, { path: '/orders/o_1/page?with=rewards' })
  const made = {
    id: 'o_1',
    customer: 'Maya',
    lines: [{ quantity: 2 }, { name: 'Lamp', quantity: 1 }],
  }
  expect(JSON.parse(page.body)).toMatchObject({
    ...made,
    tier: 'gold',
    errors: [{ call: 'product', index: 0, status: 404 }],
  })
  expect([page.headers['isogate-complete'], page.headers['x-order-state']]).toEqual([
    'false',
    'paid',
  ])
  const plain = JSON.parse((await ask(gateway.url, { path: '/orders/o_1/page' })).body) as object
  expect(plain).toMatchObject(made)
  expect(plain).not.toHaveProperty('tier')
  const asked = shop.all.map(({ url }) => url)
  expect(asked.filter((url) => url.startsWith('/products'))).toHaveLength(1)
  expect(asked.filter((url) => url === '/rewards/u_1')).toHaveLength(1)
  const missing = await ask(gateway.url, { path: '/orders/o_2/page' })
  expect([missing.status, JSON.parse(missing.body).call]).toEqual([404, 'order'])
  const events = (await ask(gateway.url, { path: '/orders/o_1/parts' })).body.match(/^event: .*$/gm)
  expect(events).toEqual(['event: part', 'event: part', 'event: end'])
})

test('17-transforms: each side reads and writes its own form', async () => {
  const user = { id: 'u_1', name: 'Maya', city: 'Gothenburg', email: 'maya@example.com' }
  const shop = await startOrigin(async (request, response) => {
    const body = (await readBody(request)).toString()
    response.setHeader('Content-Type', 'application/json')
    if (request.url === '/users/u_1') return void response.end(JSON.stringify(user))
    if (request.url === '/orders') return void response.end(body)
    response.end('{"items":[{"id":"p_1","name":"Mug, blue","priceCents":1250,"stock":3}]}')
  })
  const legacy = await startOrigin(async (request, response) => {
    const body = (await readBody(request)).toString()
    response.setHeader('Content-Type', 'text/xml')
    response.end(
      body.replace(
        /<GetPrice xmlns="[^"]+">(.*)<\/GetPrice>/,
        '<GetPriceResponse>$1</GetPriceResponse>',
      ),
    )
  })
  const services = { 9101: shop.url, 9102: shop.url, 9103: shop.url, 8788: legacy.url }
  const { url } = await run('17-transforms', services)
  expect((await ask(url, { path: '/users/u_1' })).body).toBe(
    '{"data":{"id":"u_1","fullName":"Maya","city":"Gothenburg"}}',
  )
  const order = await ask(url, {
    method: 'POST',
    path: '/orders',
    headers: { 'content-type': 'application/xml' },
    body: '<order user="u_1"><line id="p_1" count="2" price="1250"/></order>',
  })
  expect(order.body).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><order><userId>u_1</userId></order>',
  )
  expect((await ask(url, { path: '/products.csv' })).body).toBe(
    'id,name,priceCents\r\np_1,"Mug, blue",1250\r\n',
  )
  expect((await ask(url, { path: '/prices?sku=p_1' })).body).toBe('{"sku":"p_1"}')
  expect(legacy.last().headers.soapaction).toBe('"urn:prices#GetPrice"')
})

test('18-batch: each request has its own status, and one that fails is no matter of the others', async () => {
  const shop = await startJson({ '/users/u_1': { name: 'Maya' }, '/products/p_1': { id: 'p_1' } })
  const gateway = await run('18-batch', { 9101: shop.url, 9103: shop.url })
  const paths = ['/users/u_1', '/products/p_1', '/products/p_2', '/nowhere']
  const reply = await ask(gateway.url, {
    method: 'POST',
    path: '/_batch',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ requests: paths.map((path) => ({ id: path, path })) }),
  })
  const { responses } = JSON.parse(reply.body) as {
    readonly responses: readonly { readonly id: string; readonly status: number }[]
  }
  expect(responses.map(({ id, status }) => [id, status])).toEqual([
    ['/users/u_1', 200],
    ['/products/p_1', 200],
    ['/products/p_2', 404],
    ['/nowhere', 404],
  ])
})

test('20-grpc: a GET is a procedure, its failure has a status, and a stream is lines', async () => {
  const stock = await startOrigin(answerStock)
  const { url } = await run('20-grpc', { 9107: stock.url })
  expect(JSON.parse((await ask(url, { path: '/v1/stock/p_107' })).body)).toEqual({
    productId: 'p_107',
    inStock: 27,
    warehouse: 'Leipzig',
  })
  const missing = await ask(url, { path: '/v1/stock/p_999' })
  expect([missing.status, JSON.parse(missing.body).grpcStatus]).toEqual([404, 'NOT_FOUND'])
  const lines = (await ask(url, { path: '/products/p_104/stock' })).body.trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { inStock: number }).inStock)).toEqual([
    312, 311, 310,
  ])
})

test('21-graphql: path, query and body are the variables of an operation', async () => {
  const reviews = await startOrigin(answerReviews)
  const { url } = await run('21-graphql', { 9108: reviews.url })
  const found = await ask(url, { path: '/products/p_104/reviews?first=1' })
  expect(found.body).toBe('[{"author":"Ines","stars":5,"text":"Survived three winters outside."}]')
  const add = (product: string, stars: unknown) =>
    ask(url, {
      method: 'POST',
      path: `/products/${product}/reviews`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stars, text: 'Fine.' }),
    })
  expect((await add('p_107', 5)).body).toBe('{"id":"r_4","stars":5}')
  const refused = [
    await ask(url, { path: '/products/p_999/reviews' }),
    await add('p_999', 5),
    await add('p_107', 'many'),
  ]
  expect(refused.map(({ status, body }) => [status, JSON.parse(body).code])).toEqual([
    [404, 'GRAPHQL_NOT_FOUND'],
    [404, 'GRAPHQL_FAILED'],
    [400, 'GRAPHQL_VARIABLE_INVALID'],
  ])
})
