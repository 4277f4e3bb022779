/** The breaker of a fleet: eight gateways, each in its own isolate, over one object service. */
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, startGateway, startOrigin, until } from './harness.ts'

const token = 'operator'
const authorization = `Bearer ${token}`
const SERVICES = 8

interface Shown {
  readonly breaker: {
    readonly state: string
    readonly forced: string | null
    readonly probes: { readonly underWay: number; readonly succeeded: number }
  }
  readonly changes: readonly { readonly from: string; readonly to: string }[]
}

/** An origin that can be made to fail, to hang and to be well. */
async function startSickOrigin() {
  const health = { status: 200, held: [] as (() => void)[], isHolding: false }
  const origin = await startOrigin((_request, response) => {
    const answer = () => {
      response.statusCode = health.status
      response.end()
    }
    if (health.isHolding) health.held.push(answer)
    else answer()
  })
  return { ...origin, health }
}

function tableOf(url: string, breaker: object) {
  return {
    version: 1,
    upstreams: { sick: { targets: [url], breaker } },
    routes: [{ name: 'sick', match: { path: '/*' }, upstream: 'sick', timeoutMs: 10_000 }],
  }
}

function start(url: string, breaker: object, services = SERVICES): Promise<Gateway> {
  const routes = tableOf(url, breaker)
  return startGateway({ routes, services, vars: { ADMIN_TOKEN: token } })
}

async function look(gateway: Gateway): Promise<Shown> {
  const reply = await ask(gateway.url, {
    path: '/_gateway/breakers/sick',
    headers: { authorization },
  })
  return JSON.parse(reply.body) as Shown
}

function change(gateway: Gateway, body: object) {
  return ask(gateway.url, {
    method: 'POST',
    path: '/_gateway/breakers/sick',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

const stateIs = (gateway: Gateway, state: string) =>
  until(async () => (await look(gateway)).breaker.state === state || undefined)

/** One call of each service, at the same time. */
const ofEach = (gateway: Gateway) => Promise.all(gateway.urls.map((url) => ask(url)))

test('a dead service gets no more calls than the threshold, those in flight, and one interval of each isolate', async () => {
  const origin = await startSickOrigin()
  const gateway = await start(origin.url, { consecutiveFailures: 5, openSeconds: 60 })
  await ofEach(gateway)
  const before = origin.count()
  origin.health.status = 500
  const rounds = 40
  const statuses: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    statuses.push(...(await ofEach(gateway)).map(({ status }) => status))
  }
  const reached = origin.count() - before
  // An isolate's own threshold bounds what it sends within one interval; all eight send at the same time.
  expect(reached).toBeLessThanOrEqual(5 + SERVICES + SERVICES * 5)
  expect(statuses.filter((status) => status === 503)).toHaveLength(rounds * SERVICES - reached)
  expect((await look(gateway)).changes.map(({ to }) => to)).toEqual(['open'])
})

test('when the open time is over exactly the probes reach the service, and then all calls', async () => {
  const origin = await startSickOrigin()
  const breaker = { consecutiveFailures: 3, openSeconds: 2, halfOpenProbes: 3 }
  const gateway = await start(origin.url, breaker)
  await ofEach(gateway)
  origin.health.status = 500
  // Until each isolate has heard of it, by its own failures or with its word from the object.
  await until(async () => {
    const replies = await ofEach(gateway)
    return replies.every(({ status }) => status === 503) || undefined
  })
  const before = origin.count()
  origin.health.status = 200
  origin.health.isHolding = true
  const asked: Promise<number>[] = []
  await until(async () => {
    for (const url of gateway.urls) asked.push(ask(url).then(({ status }) => status))
    return origin.count() > before || undefined
  })
  // What else comes while the probes are under way is refused, wherever it comes in.
  await until(() => {
    if (origin.count() - before === 3) return true
    asked.push(ask(gateway.url).then(({ status }) => status))
    return undefined
  })
  const refused = await Promise.all(
    gateway.urls.map((url) => ask(url).then(({ status }) => status)),
  )
  expect(refused).toEqual(Array(SERVICES).fill(503))
  expect(origin.count() - before).toBe(3)
  expect((await look(gateway)).breaker.probes.underWay).toBe(3)
  origin.health.isHolding = false
  for (const answer of origin.health.held) answer()
  await stateIs(gateway, 'closed')
  expect((await Promise.all(asked)).filter((status) => status === 200)).toHaveLength(3)
  await until(async () => {
    const replies = await ofEach(gateway)
    return replies.every(({ status }) => status === 200) || undefined
  })
  const event = await gateway.event(({ breaker }) => breaker === 'probe')
  expect(event).toMatchObject({ upstream: 'sick', status: 200, tries: 1 })
  const notices = gateway.output().filter((line) => line.includes('"notice":"breaker"'))
  expect(notices.map((line) => JSON.parse(line) as object)).toMatchObject([
    { upstream: 'sick', from: 'closed', to: 'open', reason: 'consecutive-failures' },
    { upstream: 'sick', from: 'open', to: 'half-open', reason: 'open-time-over' },
    { upstream: 'sick', from: 'half-open', to: 'closed', reason: 'probes-succeeded' },
  ])
})

test('a refusal says when to come back', async () => {
  const origin = await startSickOrigin()
  const gateway = await start(origin.url, { consecutiveFailures: 2, openSeconds: 40 }, 1)
  origin.health.status = 503
  await ask(gateway.url)
  await ask(gateway.url)
  const reply = await until(async () => {
    const found = await ask(gateway.url)
    return found.headers['content-type'] === 'application/problem+json' ? found : undefined
  })
  const { code } = JSON.parse(reply.body) as { code: string }
  expect([reply.status, code]).toEqual([503, 'BREAKER_OPEN'])
  const seconds = Number(reply.headers['retry-after'])
  expect(seconds).toBeGreaterThanOrEqual(35)
  expect(seconds).toBeLessThanOrEqual(44)
})

test('an operator opens it by hand, closes it by hand, and lets it go', async () => {
  const origin = await startSickOrigin()
  const gateway = await start(origin.url, { consecutiveFailures: 2, openSeconds: 60 }, 1)
  expect((await ask(gateway.url)).status).toBe(200)
  expect((await change(gateway, { force: 'open' })).status).toBe(200)
  const reached = origin.count()
  expect((await ask(gateway.url)).status).toBe(503)
  expect(origin.count()).toBe(reached)
  origin.health.status = 500
  await change(gateway, { force: 'closed' })
  for (let count = 0; count < 5; count += 1) expect((await ask(gateway.url)).status).toBe(500)
  await change(gateway, { reset: true })
  expect(await look(gateway)).toMatchObject({
    breaker: { state: 'closed', forced: null },
    changes: [{ to: 'closed' }, { to: 'forced-closed' }, { to: 'forced-open' }],
  })
})

test('a service that cannot be reached opens it, and a time that runs out too', async () => {
  const origin = await startSickOrigin()
  const gateway = await start(origin.url, { consecutiveFailures: 2, openSeconds: 60 }, 1)
  const table = { ...tableOf(origin.url, { consecutiveFailures: 2, openSeconds: 60 }) }
  const [route] = table.routes
  const slow = { ...table, routes: [{ ...route, timeoutMs: 100 }] }
  await gateway.inForce(await gateway.putTable(slow))
  origin.health.isHolding = true
  const statuses = [(await ask(gateway.url)).status, (await ask(gateway.url)).status]
  expect(statuses).toEqual([504, 504])
  expect((await ask(gateway.url)).status).toBe(503)
  await change(gateway, { reset: true })
  await origin.stop()
  const after = [(await ask(gateway.url)).status, (await ask(gateway.url)).status]
  expect(after).toEqual([502, 502])
  expect((await ask(gateway.url)).status).toBe(503)
})

test('500s at 49 % leave it closed, and at 51 % open it', async () => {
  let count = 0
  let percent = 49
  const origin = await startOrigin((_request, response) => {
    // Spread evenly: of any hundred in a row exactly so many fail.
    const isBad = Math.floor(((count + 1) * percent) / 100) > Math.floor((count * percent) / 100)
    count += 1
    response.statusCode = isBad ? 500 : 200
    response.end()
  })
  const gateway = await start(origin.url, { failurePercent: 50, minimumRequests: 50 }, 1)
  const hundred = async () => {
    const statuses: number[] = []
    for (let index = 0; index < 100; index += 1) statuses.push((await ask(gateway.url)).status)
    return statuses
  }
  for (let round = 0; round < 3; round += 1) expect(await hundred()).not.toContain(503)
  await change(gateway, { reset: true })
  percent = 51
  await until(async () => (await hundred()).includes(503) || undefined)
  expect((await look(gateway)).changes[0]).toMatchObject({ to: 'open', reason: 'failure-rate' })
})
