/** Copies of requests on real processes: they leave after the answer, and what both services say is compared. */
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Origin, startGateway, startOrigin, until } from './harness.ts'
import { readBody } from './origin.ts'

const token = 'operator'

function tableOf(v1: Origin, v2: Origin, mirror: object) {
  return {
    version: 1,
    upstreams: {
      v1: { targets: [v1.url], mirror: { upstream: 'v2', percent: 100, ...mirror } },
      v2: { targets: [v2.url] },
    },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'v1' }],
  }
}

interface Shown {
  readonly mirror: readonly {
    readonly sent: number
    readonly tooLarge: number
    readonly compared: number
    readonly different: number
  }[]
}

async function look(url: string): Promise<Shown['mirror'][number] | undefined> {
  const headers = { authorization: `Bearer ${token}` }
  const reply = await ask(url, { path: '/_gateway/breakers/v1', headers })
  return (JSON.parse(reply.body) as Shown).mirror[0]
}

test.concurrent('answers of two services are compared, and a line tells where they differ', async () => {
  const v1 = await startOrigin((_request, response) => {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ id: 7, name: 'SECRET-A', items: [1, 2], at: 1 }))
  })
  const v2 = await startOrigin((_request, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.setHeader('Content-Encoding', 'gzip')
    response.end(gzipSync(JSON.stringify({ at: 2, items: [1], name: 'SECRET-B', id: 7 })))
  })
  const compare = { headers: ['Content-Type'], json: true, ignore: ['/at'] }
  const routes = tableOf(v1, v2, { compare })
  const gateway = await startGateway({ routes, vars: { ADMIN_TOKEN: token } })
  const reply = await ask(gateway.url, { path: '/users/7?x=1' })
  expect(JSON.parse(reply.body)).toEqual({ id: 7, name: 'SECRET-A', items: [1, 2], at: 1 })
  expect(reply.headers['content-length']).toBeDefined()
  await v2.received(1)
  expect(v2.last()).toMatchObject({ url: '/users/7?x=1', headers: { 'isogate-mirror': '1' } })
  expect(v1.last().headers['isogate-mirror']).toBeUndefined()
  // Isolates tell their object within some five seconds of requests.
  const line = await until(async () => {
    await ask(gateway.url)
    return gateway.output().find((one) => one.includes('"notice":"mirror"'))
  })
  expect(JSON.parse(line)).toMatchObject({
    notice: 'mirror',
    upstream: 'v1',
    detail: {
      mirror: 'v2',
      samples: expect.arrayContaining([
        ['header content-type', 'json value /name', 'json missing /items/1'],
      ]),
    },
  })
  expect(gateway.output().join()).not.toContain('SECRET')
  const shown = await look(gateway.url)
  expect(shown?.different).toBe(shown?.compared)
})

test.concurrent('a body streams to its service and is copied; a larger one is not', async () => {
  const bodies: string[] = []
  const v1 = await startOrigin(async (request, response) => {
    const body = await readBody(request)
    response.end(`${body.length}`)
  })
  const v2 = await startOrigin(async (request, response) => {
    bodies.push((await readBody(request)).toString())
    response.end()
  })
  const routes = tableOf(v1, v2, { bodyLimitBytes: 1000 })
  const gateway = await startGateway({ routes, vars: { ADMIN_TOKEN: token } })
  const small = await ask(gateway.url, { method: 'POST', body: 'small' })
  expect(small.body).toBe('5')
  // The length of a body that is copied is still told: not every service takes one without.
  expect(v1.last().headers['content-length']).toBe('5')
  const large = await ask(gateway.url, { method: 'POST', body: 'x'.repeat(100_000) })
  expect(large.body).toBe('100000')
  const chunked = await ask(gateway.url, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: 'y'.repeat(100_000),
  })
  expect(chunked.body).toBe('100000')
  await v2.received(1)
  await until(async () => {
    await ask(gateway.url)
    return (await look(gateway.url))?.tooLarge === 2 || undefined
  })
  expect(bodies.filter((body) => body !== '')).toEqual(['small'])
})

test.concurrent('a service that hangs or is gone on the other side delays nobody', async () => {
  const v1 = await startOrigin((_request, response) => void response.end('ok'))
  const v2 = await startOrigin(() => {})
  const gateway = await startGateway({ routes: tableOf(v1, v2, { compare: {} }) })
  for (let count = 0; count < 5; count += 1) expect((await ask(gateway.url)).body).toBe('ok')
  await v2.received(5)
  await v2.stop()
  expect((await ask(gateway.url)).body).toBe('ok')
  const event = await gateway.event(({ route }) => route === 'all')
  expect(event).toMatchObject({ upstream: 'v1', tries: 1, status: 200, error: null })
})
