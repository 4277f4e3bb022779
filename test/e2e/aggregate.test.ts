/** Aggregates on real workerd: what is sent side by side, and that nothing of a request runs on once it is called off. */
import http from 'node:http'
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { startGateway, startOrigin, until } from './harness.ts'

/** A service of which some paths hang until the test lets them answer, and one that notes who hung up. */
async function startHanging() {
  const open = new Map<string, http.ServerResponse>()
  const left: string[] = []
  const origin = await startOrigin((request, response) => {
    const path = request.url ?? ''
    open.set(path, response)
    response.on('close', () => {
      if (!response.writableEnded) left.push(path)
    })
  })
  const answer = (path: string, status: number, body: unknown) =>
    open
      .get(path)
      ?.writeHead(status, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(body))
  return { origin, left, answer }
}

const service = await startHanging()
const { origin, left, answer } = service
const call = { upstream: 'service' }
const gateway = await startGateway({
  routes: {
    version: 1,
    upstreams: { service: { targets: [origin.url] } },
    routes: [
      {
        name: 'page',
        match: { path: '/page/:id' },
        aggregate: {
          calls: {
            user: { ...call, path: '/user/${params.id}', required: true },
            slow: { ...call, path: '/slow/${params.id}' },
            tips: { ...call, path: '/tips/${params.id}' },
            next: { ...call, path: '/next/${tips.body.n}' },
          },
        },
      },
      {
        name: 'stream',
        match: { path: '/stream/:id' },
        aggregate: {
          stream: 'ndjson',
          calls: {
            user: { ...call, path: '/user/${params.id}', required: true },
            slow: { ...call, path: '/slow/${params.id}' },
            tips: { ...call, path: '/tips/${params.id}' },
          },
        },
      },
      {
        name: 'wide',
        match: { path: '/wide' },
        aggregate: {
          calls: Object.fromEntries(
            Array.from({ length: 12 }, (_, at) => [`c${at}`, { ...call, path: `/wide/${at}` }]),
          ),
        },
      },
    ],
  },
})

const seen = (prefix: string) => origin.all.filter(({ url }) => url.startsWith(prefix)).length

test('calls are sent side by side, and one that waits goes out when its input is there', async () => {
  const asked = ask(gateway.url, { path: '/page/1' })
  await until(() => (seen('/user/1') && seen('/slow/1') && seen('/tips/1')) || undefined)
  expect(seen('/next/')).toBe(0)
  answer('/tips/1', 200, { n: 5 })
  await until(() => seen('/next/5') || undefined)
  answer('/next/5', 200, [1, 2])
  answer('/slow/1', 500, {})
  answer('/user/1', 200, { id: 12345678901234567000 })
  const reply = await asked
  expect(reply.status).toBe(200)
  expect(JSON.parse(reply.body)).toMatchObject({
    user: { id: 12345678901234567000 },
    slow: null,
    tips: { n: 5 },
    next: [1, 2],
    errors: [{ call: 'slow', status: 500 }],
  })
  expect(reply.headers['isogate-complete']).toBe('false')
})

test('five wait for their headers at the same time, and all are sent in the end', async () => {
  const asked = ask(gateway.url, { path: '/wide' })
  for (let at = 0; at < 12; at++) {
    await until(() => seen('/wide/') >= Math.min(12, at + 5) || undefined)
    expect(seen('/wide/')).toBeLessThanOrEqual(at + 5)
    answer(`/wide/${at}`, 200, at)
  }
  expect(JSON.parse((await asked).body)).toEqual(
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`c${at}`, at])),
  )
})

test('a required call that fails ends the connections of the others at once', async () => {
  const asked = ask(gateway.url, { path: '/page/2' })
  await until(() => (seen('/user/2') && seen('/slow/2') && seen('/tips/2')) || undefined)
  answer('/user/2', 404, {})
  const reply = await asked
  expect(reply.status).toBe(404)
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'CALL_NOT_FOUND', call: 'user' })
  await until(() => (left.includes('/slow/2') && left.includes('/tips/2')) || undefined)
})

test('a client that leaves ends all of them, and nothing more is sent', async () => {
  const { hostname, port } = new URL(gateway.url)
  const request = http.get({ hostname, port, path: '/page/3', agent: false })
  request.on('error', () => {})
  await until(() => (seen('/user/3') && seen('/slow/3') && seen('/tips/3')) || undefined)
  // A plain close is noticed only when the next byte is written.
  request.socket?.resetAndDestroy()
  await until(
    () => ['/user/3', '/slow/3', '/tips/3'].every((path) => left.includes(path)) || undefined,
  )
  expect(
    await gateway.event(({ path, error }) => path === '/page/:id' && error === 'CLIENT_CLOSED'),
  ).toMatchObject({
    status: 499,
  })
})

test('a stream gives each part when it is there, and ends its calls when the client leaves', async () => {
  const { hostname, port } = new URL(gateway.url)
  const request = http.get({ hostname, port, path: '/stream/4', agent: false })
  request.on('error', () => {})
  let text = ''
  request.on('response', (response) => {
    response.on('error', () => {})
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  })
  await until(() => (seen('/user/4') && seen('/slow/4') && seen('/tips/4')) || undefined)
  answer('/user/4', 200, { id: 4 })
  await until(() => text === '{"call":"user","status":200,"body":{"id":4}}\n' || undefined)
  answer('/tips/4', 200, [])
  await until(() => text.endsWith('\n{"call":"tips","status":200,"body":[]}\n') || undefined)
  expect(left).not.toContain('/slow/4')
  request.socket?.resetAndDestroy()
  await until(() => left.includes('/slow/4') || undefined)
})
