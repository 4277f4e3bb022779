/** Which target a call goes to, on real processes: shares, a target that dies and comes back, clients that stay. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

interface Service extends Origin {
  /** From now on it answers so. */
  answer(status: number): void
}

async function startServices(): Promise<readonly [Service, Service, Service]> {
  const start = async (name: string): Promise<Service> => {
    let status = 200
    const origin = await startOrigin((_request, response) => {
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(name)
    })
    const answer = (next: number) => {
      status = next
    }
    return Object.assign(origin, { answer })
  }
  return [await start('a'), await start('b'), await start('c')]
}

function tableOf(upstream: object): object {
  return {
    version: 1,
    upstreams: { users: upstream },
    routes: [{ name: 'users', match: { path: '/*' }, upstream: 'users' }],
  }
}

function urlsOf(services: readonly Service[]): string[] {
  return services.map(({ url }) => url)
}

/** Which services answered so many calls, one after the other. */
async function askTimes(url: string, count: number, path = '/'): Promise<string[]> {
  const bodies: string[] = []
  for (let done = 0; done < count; done += 1) bodies.push((await ask(url, { path })).body)
  return bodies
}

test('targets get the shares of their weights', async () => {
  const services = await startServices()
  const [a, b, c] = services
  const targets = [{ url: a.url, weight: 2 }, b.url, c.url]
  const gateway = await startGateway({ routes: tableOf({ targets }) })
  await askTimes(gateway.url, 40)
  expect(services.map((service) => service.count())).toEqual([20, 10, 10])
})

test('the next priority is called only when the first has nobody left', async () => {
  const [a, b] = await startServices()
  const targets = [a.url, { url: b.url, priority: 1 }]
  const ejection = { consecutiveFailures: 2, baseSeconds: 60 }
  const gateway = await startGateway({ routes: tableOf({ targets, ejection }) })
  expect(new Set(await askTimes(gateway.url, 5))).toEqual(new Set(['a']))
  a.answer(500)
  await askTimes(gateway.url, 2)
  expect(new Set(await askTimes(gateway.url, 5))).toEqual(new Set(['b']))
})

test('an address keeps its target, whichever isolate asks', async () => {
  const services = await startServices()
  const upstream = { targets: urlsOf(services), balance: { hash: ['header.x-user'] } }
  const gateway = await startGateway({ routes: tableOf(upstream), services: 2 })
  const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
  const pick = async (url: string, user: string) =>
    (await ask(url, { headers: { 'X-User': user } })).body
  const [first, second] = gateway.urls as [string, string]
  const picks = await Promise.all(users.map((user) => pick(first, user)))
  expect(await Promise.all(users.map((user) => pick(second, user)))).toEqual(picks)
  expect(new Set(picks).size).toBe(3)
})

test('a target that dies is left alone, and comes back', async () => {
  const services = await startServices()
  const [, b] = services
  const ejection = { consecutiveFailures: 3, baseSeconds: 3 }
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), ejection }),
  })
  await askTimes(gateway.url, 3)
  b.answer(500)
  await askTimes(gateway.url, 9)
  const ejectedAt = b.count()
  expect(ejectedAt).toBe(4)
  const out = await askTimes(gateway.url, 6)
  expect(out.filter((body) => body === 'b')).toEqual([])
  expect(b.count()).toBe(ejectedAt)
  expect(await noticeOf(gateway, 'ejected')).toMatchObject({
    notice: 'ejection',
    upstream: 'users',
    from: 'usable',
    reason: 'consecutive-failures',
    forSeconds: 3,
    target: b.url,
  })
  b.answer(200)
  await until(async () => (await ask(gateway.url)).body === 'b' || undefined)
  expect(await noticeOf(gateway, 'usable')).toMatchObject({ from: 'ejected', target: b.url })
})

test('a connection that is refused counts as a failure too', async () => {
  const services = await startServices()
  const [, b] = services
  const ejection = { consecutiveFailures: 2, baseSeconds: 60 }
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), ejection }),
  })
  await b.stop()
  await askTimes(gateway.url, 6)
  const statuses = []
  for (let count = 0; count < 9; count += 1) statuses.push((await ask(gateway.url)).status)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

test('a retry goes to another target, so that no client sees the one that is down', async () => {
  const services = await startServices()
  const [, b] = services
  const retry = { attempts: 2, backoff: { kind: 'constant', baseMs: 1, maxMs: 1 } }
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), retry }),
  })
  await b.stop()
  const statuses = []
  for (let count = 0; count < 6; count += 1) statuses.push((await ask(gateway.url)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200])
  expect(await gateway.event(({ tries }) => tries === 2)).toMatchObject({ status: 200 })
})

test('a target that hangs until the time of its calls is over is left alone', async () => {
  const [a] = await startServices()
  const hanging = await startOrigin(() => {})
  const ejection = { consecutiveFailures: 2, baseSeconds: 60 }
  const gateway = await startGateway({
    routes: tableOf({ targets: [a.url, hanging.url], ejection, timeoutMs: 100 }),
  })
  const first = []
  for (let count = 0; count < 4; count += 1) first.push((await ask(gateway.url)).status)
  expect(first.filter((status) => status === 504)).toHaveLength(2)
  expect(new Set(await askTimes(gateway.url, 6))).toEqual(new Set(['a']))
})

const sticky = { cookie: 'to', secret: { secret: 'STICKY' } }
const vars = { STICKY: 'a secret of the operator' }

test('a client with the cookie stays with its target, in every isolate', async () => {
  const services = await startServices()
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), sticky }),
    vars,
    services: 2,
  })
  const first = await ask(gateway.url)
  const [cookie] = first.headers['set-cookie'] as string[]
  expect(cookie).toMatch(/^to=[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/)
  const headers = { cookie: cookie!.split(';')[0]! }
  for (const url of [...gateway.urls, ...gateway.urls, ...gateway.urls]) {
    const again = await ask(url, { headers })
    expect(again.body).toBe(first.body)
    expect(again.headers['set-cookie']).toBeUndefined()
  }
})

test('a forged cookie is ignored', async () => {
  const services = await startServices()
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), sticky }),
    vars,
  })
  const bodies = new Set<string>()
  for (let count = 0; count < 3; count += 1) {
    const forged = await ask(gateway.url, { headers: { cookie: 'to=AAAAAAAAAAAAAAAAAAAAAA' } })
    expect(forged.headers['set-cookie']).toHaveLength(1)
    bodies.add(forged.body)
  }
  expect(bodies).toEqual(new Set(['a', 'b', 'c']))
})

test('what one isolate ejects is ejected for the fleet', async () => {
  const services = await startServices()
  const [, b] = services
  const ejection = { consecutiveFailures: 5, baseSeconds: 60 }
  const gateway = await startGateway({
    routes: tableOf({ targets: urlsOf(services), ejection }),
    services: 3,
  })
  b.answer(500)
  await askTimes(gateway.urls[0]!, 15, '/first')
  await noticeOf(gateway, 'ejected')
  for (const url of gateway.urls.slice(1)) {
    // The first call asks what the fleet knows, and does not wait for it.
    await until(async () => !(await askTimes(url, 3, '/others')).includes('b') || undefined)
  }
  const seen = b.all.filter(({ url }) => url === '/others').length
  // Neither of the two saw enough failures to eject it by itself.
  expect(seen).toBeLessThan(5)
  await Promise.all(gateway.urls.map((url) => askTimes(url, 6, '/later')))
  expect(b.all.filter(({ url }) => url === '/later')).toEqual([])
})

/** The line that tells of a change to this state, also one that is yet to come. */
function noticeOf(gateway: Gateway, to: string): Promise<Record<string, unknown>> {
  return until(() =>
    gateway
      .output()
      .filter((line) => line.startsWith('{') && line.includes('"notice"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line.to === to),
  )
}
