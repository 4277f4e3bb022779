/** Discovery on real processes: each kind of source, one question for the fleet, and what happens when it fails. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type GatewayOptions, startGateway, startOrigin, until } from './harness.ts'
import {
  endpointOf,
  findEtcd,
  startConsul,
  startEtcd,
  startKubernetes,
  startResolver,
} from './sources.ts'

const authorization = 'Bearer operator'
// What the object knows an isolate hears with its next report, after five seconds at most.
const PATIENCE_MS = 25_000
// Ten fleets at once on two cores: each question is 4 to 32 requests.
const PAUSE_MS = 50
const options = { timeout: 60_000 }

const startNamed = (name: string) => startOrigin((_request, response) => void response.end(name))

function tableOf(discover: object, more: object = {}) {
  return {
    version: 1,
    upstreams: { users: { discover, ...more } },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users', timeoutMs: 8_000 }],
  }
}

function start(discover: object, more: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const { vars, ...rest } = more
  return startGateway({
    routes: tableOf(discover),
    ...rest,
    vars: { ADMIN_TOKEN: 'operator', ...vars },
  })
}

/** What answers, over some calls of each service. */
async function served(gateway: Gateway): Promise<string> {
  const names = new Set<string>()
  for (let round = 0; round < 4; round += 1) {
    const replies = await Promise.all(gateway.urls.map((url) => ask(url)))
    for (const { status, body } of replies) names.add(status === 200 ? body : String(status))
  }
  return [...names].sort().join(' ')
}

const servedBecomes = (gateway: Gateway, names: string) =>
  until(async () => (await served(gateway)) === names || undefined, PATIENCE_MS, PAUSE_MS)

function admin(gateway: Gateway, method: string, path: string, body?: object) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return ask(gateway.url, { method, path: `/_gateway${path}`, headers: { authorization }, ...sent })
}

/** A URL with a JSON list that can be changed, or broken. */
async function startList(first: unknown) {
  const state = { list: first, status: 200 }
  const origin = await startOrigin((_request, response) => {
    response.statusCode = state.status
    response.end(JSON.stringify(state.list))
  })
  return { ...origin, state }
}

test.concurrent(
  'eight gateways ask the source once, and the first request of each waits for the list',
  options,
  async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const list = await startList([a.url])
    const gateway = await start({ http: list.url, refreshSeconds: 1 }, { services: 8 })
    const startedAt = Date.now()
    const first = await Promise.all(gateway.urls.map((url) => ask(url)))
    expect(first.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(list.count()).toBeLessThanOrEqual(2)
    list.state.list = [a.url, { url: b.url, weight: 2 }]
    await servedBecomes(gateway, 'a b')
    const seconds = (Date.now() - startedAt) / 1000
    expect(list.count()).toBeLessThanOrEqual(3 + seconds)
  },
)

test.concurrent(
  'the last good list stays while the source fails, also over a restart',
  options,
  async () => {
    const a = await startNamed('a')
    const list = await startList([a.url])
    const gateway = await start({ http: list.url, refreshSeconds: 1 })
    await servedBecomes(gateway, 'a')
    list.state.status = 500
    const failing = '"notice":"discovery","upstream":"users","from":"answering","to":"failing"'
    await until(() => gateway.output().some((line) => line.includes(failing)) || undefined)
    expect(await served(gateway)).toBe('a')
    await gateway.stop()
    const again = await start({ http: list.url, refreshSeconds: 1 }, { state: gateway.state })
    expect((await ask(again.url)).body).toBe('a')
  },
)

test.concurrent('what is no target is left out, and an empty list is 503', options, async () => {
  const a = await startNamed('a')
  const { host } = new URL(a.url)
  const list = await startList([
    `http://user:secret@${host}`,
    `ftp://${host}`,
    `${a.url}/../x`,
    `${a.url}/?q=1`,
    'binding://KV',
    { url: a.url, weight: -1 },
    null,
    7,
  ])
  const gateway = await start({ http: list.url, refreshSeconds: 1 })
  const reply = await ask(gateway.url)
  expect([reply.status, (JSON.parse(reply.body) as { code: string }).code]).toEqual([
    503,
    'NO_HEALTHY_TARGET',
  ])
  const shown = JSON.parse((await admin(gateway, 'GET', '/breakers/users')).body) as object
  expect(shown).toMatchObject({ discovery: { source: 'http', refused: 8, targets: [] } })
  list.state.list = [a.url]
  await servedBecomes(gateway, 'a')
})

test.concurrent(
  'targets of the table stand beside those that are discovered, and take over where there are none',
  options,
  async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const list = await startList([a.url])
    const discover = { http: list.url, refreshSeconds: 1 }
    const gateway = await startGateway({
      routes: tableOf(discover, { targets: [{ url: b.url, priority: 1 }] }),
    })
    await servedBecomes(gateway, 'a')
    list.state.list = []
    await servedBecomes(gateway, 'b')
  },
)

test.concurrent(
  'SRV and A records name the targets, by a resolver over HTTPS',
  options,
  async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const resolver = await startResolver({
      srv: {
        '_api._tcp.example.com': [
          { host: '127.0.0.1', port: a.port, priority: 10 },
          { host: '127.0.0.1', port: b.port, priority: 20 },
        ],
      },
      a: { 'users.example.com': ['127.0.0.1'] },
    })
    const gateway = await start({ dns: { srv: '_api._tcp.example.com', resolver: resolver.url } })
    // The other is of the next priority.
    expect(await served(gateway)).toBe('a')
    resolver.zone.srv['_api._tcp.example.com'] = [{ host: '127.0.0.1', port: b.port }]
    // Records with a TTL of 5 s are asked for again after it.
    await servedBecomes(gateway, 'b')
    const dns = { a: 'users.example.com', port: a.port, resolver: resolver.url }
    await gateway.inForce(await gateway.putTable(tableOf({ dns })))
    await servedBecomes(gateway, 'a')
  },
)

test.concurrent(
  'Consul is watched: a change is there before the next look would be',
  options,
  async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const consul = await startConsul([a.url])
    const gateway = await start(
      {
        consul: { url: consul.url, service: 'users', passing: true, token: { secret: 'CONSUL' } },
        refreshSeconds: 3_600,
      },
      { vars: { CONSUL: 'acl-token' } },
    )
    await servedBecomes(gateway, 'a')
    await until(() => consul.all.some(({ url }) => url.includes('index=10')) || undefined)
    consul.set([
      { address: '127.0.0.1', port: b.port },
      { address: '127.0.0.1', port: a.port, passing: false },
    ])
    await servedBecomes(gateway, 'b')
    expect(consul.all[0]?.headers['x-consul-token']).toBe('acl-token')
    expect(consul.all[0]?.url).toBe('/v1/health/service/users?passing=true')
  },
)

test.concurrent(
  'the EndpointSlices of Kubernetes are watched, and one that ends gets no new callers',
  options,
  async () => {
    const a = await startNamed('a')
    const kubernetes = await startKubernetes([a.url], 'sa-token')
    const gateway = await start(
      {
        kubernetes: {
          url: kubernetes.url,
          namespace: 'shop',
          service: 'users',
          port: 'http',
          token: { secret: 'SA' },
        },
        refreshSeconds: 3_600,
      },
      { vars: { SA: 'sa-token' } },
    )
    await servedBecomes(gateway, 'a')
    await until(() => kubernetes.watchers.size > 0 || undefined)
    kubernetes.set([endpointOf(a.url, { ready: false, serving: true, terminating: true })])
    await servedBecomes(gateway, '503')
    const shown = JSON.parse((await admin(gateway, 'GET', '/targets/users')).body) as object
    expect(shown).toMatchObject({ upstream: 'users', targets: [{ url: a.url, draining: true }] })
    await until(() => kubernetes.watchers.size > 0 || undefined)
    kubernetes.set([endpointOf(a.url)])
    await servedBecomes(gateway, 'a')
  },
)

// The project's CI installs it: there a missing server is a failure.
if (findEtcd() !== null || process.env.CI !== undefined) {
  test.concurrent('keys of a real etcd name the targets, and are watched', options, async () => {
    const [a, b] = [await startNamed('a'), await startNamed('b')]
    const etcd = await startEtcd()
    await etcd.put('/services/users/a', a.url)
    await etcd.put('/services/users0', 'http://127.0.0.1:1')
    const gateway = await start({
      etcd: { url: etcd.url, prefix: '/services/users/' },
      refreshSeconds: 3_600,
    })
    await servedBecomes(gateway, 'a')
    await etcd.put('/services/users/b', JSON.stringify({ url: b.url, weight: 1 }))
    await servedBecomes(gateway, 'a b')
    await etcd.remove('/services/users/a')
    await servedBecomes(gateway, 'b')
    await etcd.stop()
    expect(await served(gateway)).toBe('b')
  })
}

test.concurrent(
  'a target registers itself, renews its lease, and is gone when that is over',
  options,
  async () => {
    const a = await startNamed('a')
    const gateway = await start({ registration: true }, { services: 2 })
    expect(await served(gateway)).toBe('503')
    const lease = { url: a.url, ttlSeconds: 6 }
    const made = await admin(gateway, 'POST', '/targets/users', lease)
    expect([made.status, JSON.parse(made.body)]).toMatchObject([
      200,
      { upstream: 'users', source: 'registration', targets: [{ url: a.url, weight: 1 }] },
    ])
    await servedBecomes(gateway, 'a')
    await servedBecomes(gateway, '503')
    await admin(gateway, 'POST', '/targets/users', { ...lease, ttlSeconds: 600 })
    await servedBecomes(gateway, 'a')
    expect((await admin(gateway, 'DELETE', `/targets/users?url=${a.url}`)).status).toBe(200)
    await servedBecomes(gateway, '503')
  },
)

test.concurrent(
  'registration needs the token, an upstream that allows it, and a target that is one',
  options,
  async () => {
    const gateway = await start({ registration: true })
    const body = JSON.stringify({ url: 'http://127.0.0.1:1', ttlSeconds: 60 })
    const anonymous = await ask(gateway.url, {
      method: 'POST',
      path: '/_gateway/targets/users',
      body,
    })
    expect(anonymous.status).toBe(401)
    const answers = [
      await admin(gateway, 'POST', '/targets/nobody', {
        url: 'http://127.0.0.1:1',
        ttlSeconds: 60,
      }),
      await admin(gateway, 'POST', '/targets/users', { url: 'binding://KV', ttlSeconds: 60 }),
      await admin(gateway, 'POST', '/targets/users', { url: 'http://127.0.0.1:1', ttlSeconds: 1 }),
    ]
    expect(answers.map((one) => (JSON.parse(one.body) as { code: string }).code)).toEqual([
      'UPSTREAM_UNKNOWN',
      'BODY_INVALID',
      'BODY_INVALID',
    ])
  },
)
