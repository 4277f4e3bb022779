/** A service that begins to fail, and two isolates that shed what matters least: on the real runtime. */
import { beforeAll, expect, test } from 'vitest'
import { ask, type Reply } from './client.ts'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

let gateway: Gateway
let isFailing = false

beforeAll(async () => {
  const origin = await startOrigin((_request, response) => {
    response.writeHead(isFailing ? 500 : 200)
    response.end()
  })
  const limit = {
    use: 'rate-limit',
    name: 'shared',
    by: ['global'],
    limit: 100_000,
    windowSeconds: 60,
    adaptive: { upstream: 'shop' },
  }
  gateway = await startGateway({
    services: 2,
    vars: { ADMIN_TOKEN: 'secret-token-of-this-test' },
    routes: {
      version: 1,
      policySets: { limited: [limit] },
      upstreams: { shop: { targets: [origin.url] } },
      routes: [
        { name: 'pay', match: { path: '/pay' }, priority: 'critical' },
        { name: 'list', match: { path: '/list' }, priority: 'sheddable' },
      ].map((route) => ({ ...route, upstream: 'shop', policies: ['limited'] })),
    },
  })
})

/** One of four requests is critical. */
async function round(): Promise<{ pay: Reply[]; list: Reply[] }> {
  const pay: Reply[] = []
  const list: Reply[] = []
  for (const url of gateway.urls) {
    pay.push(await ask(url, { path: '/pay' }))
    for (let count = 0; count < 3; count += 1) list.push(await ask(url, { path: '/list' }))
  }
  return { pay, list }
}

test('while a service fails its sheddable requests are refused, and the critical ones are not', async () => {
  for (let count = 0; count < 10; count += 1) {
    const { pay, list } = await round()
    expect([...pay, ...list].map(({ status }) => status)).not.toContain(503)
  }
  isFailing = true
  const paid: number[] = []
  const shed = await until(async () => {
    const { pay, list } = await round()
    paid.push(...pay.map(({ status }) => status))
    return list.find(({ status }) => status === 503)
  }, 20_000)
  expect(new Set(paid)).toEqual(new Set([500]))
  expect(JSON.parse(shed.body)).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    code: 'CAPACITY_REDUCED',
    status: 503,
    route: 'list',
    'violated-policies': ['shared'],
  })
  expect(Number(shed.headers['retry-after'])).toBeGreaterThanOrEqual(5)
  const event = await gateway.event(({ error }) => error === 'CAPACITY_REDUCED')
  expect(event.policies.shared).toBe('refused:capacity-reduced')
  const shown = await ask(gateway.url, {
    path: '/_gateway/breakers/shop',
    headers: { Authorization: 'Bearer secret-token-of-this-test' },
  })
  const { adaptive, changes } = JSON.parse(shown.body)
  expect(adaptive[0].admittedPercent).toBeLessThan(100)
  expect(changes[0]).toMatchObject({ notice: 'capacity', to: 'reduced', reason: 'errors' })
})
