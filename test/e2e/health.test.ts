/** Probes of targets on real processes: one prober for a fleet, what it removes, and what real calls say against it. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

const authorization = 'Bearer operator'
const SERVICES = 8
// What the object knows an isolate hears with its next report, after five seconds at most.
const PATIENCE_MS = 25_000

interface Shown {
  readonly health: readonly {
    readonly target: string
    readonly healthy: boolean
    readonly probesFail: boolean
    readonly lastProbe: string | null
  }[]
  readonly changes: readonly {
    readonly notice: string
    readonly to: string
    readonly reason: string
  }[]
}

/** A target whose health can be set apart from what it answers to calls. */
async function startTarget(name: string) {
  const state = { health: 200, status: 200, body: 'all is well' }
  const origin = await startOrigin((request, response) => {
    const isProbe = request.url?.startsWith('/health') ?? false
    response.statusCode = isProbe ? state.health : state.status
    response.end(isProbe ? state.body : name)
  })
  const probes = () => origin.all.filter(({ url }) => url.startsWith('/health'))
  return { ...origin, state, probes }
}

function tableOf(targets: readonly string[], health: object, more: object = {}) {
  return {
    version: 1,
    upstreams: { users: { targets, health: { path: '/health', ...health }, ...more } },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users', timeoutMs: 5_000 }],
  }
}

async function look(gateway: Gateway): Promise<Shown> {
  const path = '/_gateway/breakers/users'
  const { body } = await ask(gateway.url, { path, headers: { authorization } })
  return JSON.parse(body) as Shown
}

const ofEach = (gateway: Gateway) => Promise.all(gateway.urls.map((url) => ask(url)))

test.concurrent('eight gateways have one prober', { timeout: 60_000 }, async () => {
  const target = await startTarget('a')
  const routes = tableOf([target.url], { intervalSeconds: 1 })
  const gateway = await startGateway({
    routes,
    services: SERVICES,
    vars: { ADMIN_TOKEN: 'operator' },
  })
  await ofEach(gateway)
  const startedAt = Date.now()
  await until(() => target.probes().length >= 4 || undefined)
  const seconds = (Date.now() - startedAt) / 1000
  // One at once, and then one in 0.9 s at the most often; eight probers would send 32 in this time.
  expect(target.probes().length).toBeLessThanOrEqual(2 + seconds / 0.9)
  expect(target.probes()[0]?.headers['user-agent']).toBe('isogate-health')
})

test.concurrent('a target whose probes fail gets no calls, in no isolate, until it is well again', {
  timeout: 60_000,
}, async () => {
  const [a, b] = [await startTarget('a'), await startTarget('b')]
  const health = { intervalSeconds: 1, unhealthyAfter: 2, healthyAfter: 2, trust: 'probes' }
  const gateway = await startGateway({
    routes: tableOf([a.url, b.url], health),
    services: 3,
    vars: { ADMIN_TOKEN: 'operator' },
  })
  await ofEach(gateway)
  b.state.health = 503
  const bodies = async () => {
    const replies = [...(await ofEach(gateway)), ...(await ofEach(gateway))]
    return new Set(replies.map(({ body }) => body))
  }
  await until(async () => !(await bodies()).has('b') || undefined, PATIENCE_MS)
  const shown = await look(gateway)
  expect(shown.health.find(({ target }) => target === b.url)).toMatchObject({
    healthy: false,
    lastProbe: 'status-503',
  })
  expect(shown.changes[0]).toMatchObject({
    notice: 'health',
    to: 'unhealthy',
    reason: 'probe-status-503',
  })
  b.state.health = 200
  await until(async () => (await bodies()).has('b') || undefined, PATIENCE_MS)
  const notices = gateway.output().filter((line) => line.includes('"notice":"health"'))
  expect(notices.map((line) => (JSON.parse(line) as { to: string }).to)).toEqual([
    'unhealthy',
    'healthy',
  ])
})

test.concurrent('a target that real calls find well is not removed by probes alone', {
  timeout: 60_000,
}, async () => {
  const [a, b] = [await startTarget('a'), await startTarget('b')]
  const health = { intervalSeconds: 1, unhealthyAfter: 1, healthyAfter: 1 }
  const gateway = await startGateway({
    routes: tableOf([a.url, b.url], health),
    vars: { ADMIN_TOKEN: 'operator' },
  })
  // Until the object heard that both serve.
  const stop = Date.now() + 6_000
  await until(async () => {
    await ask(gateway.url)
    return Date.now() > stop || undefined
  })
  b.state.health = 500
  const found = await until(async () => {
    await ask(gateway.url)
    const { health: targets } = await look(gateway)
    return targets.find(({ target, probesFail }) => target === b.url && probesFail)
  }, PATIENCE_MS)
  expect(found.healthy).toBe(true)
})

test.concurrent('the body of a probe has to have what the table says', {
  timeout: 60_000,
}, async () => {
  const [a, b] = [await startTarget('a'), await startTarget('b')]
  b.state.body = 'maintenance'
  const health = {
    intervalSeconds: 1,
    unhealthyAfter: 1,
    trust: 'probes',
    body: { regex: '^all is (?:well|good)$' },
  }
  const gateway = await startGateway({
    routes: tableOf([a.url, b.url], health),
    vars: { ADMIN_TOKEN: 'operator' },
  })
  await ask(gateway.url)
  await until(
    async () =>
      (await look(gateway)).health.some(({ lastProbe }) => lastProbe === 'body') || undefined,
  )
})

test.concurrent('with no target that is well and no panic the answer is 503', {
  timeout: 60_000,
}, async () => {
  const target = await startTarget('a')
  target.state.health = 500
  const health = { intervalSeconds: 1, unhealthyAfter: 1, healthyAfter: 1, trust: 'probes' }
  const gateway = await startGateway({
    routes: tableOf([target.url], health, { panicPercent: 0 }),
    vars: { ADMIN_TOKEN: 'operator' },
  })
  const reply = await until(async () => {
    const found = await ask(gateway.url)
    return found.status === 503 ? found : undefined
  }, PATIENCE_MS)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'NO_HEALTHY_TARGET' })
  // Calls are refused, and still the isolate hears that it is well again.
  target.state.health = 200
  await until(async () => (await ask(gateway.url)).status === 200 || undefined, PATIENCE_MS)
})
