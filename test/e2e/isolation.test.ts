/** One bad request never affects another: 5 % of a load are reset by the service or killed by their client. */

import net from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

let gateway: Gateway
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { url = '' } = request
    if (url.startsWith('/reset')) request.socket.resetAndDestroy()
    else if (url.startsWith('/wait')) setTimeout(() => response.end('late'), 50)
    else response.end(`answer to ${url}`)
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [{ name: 'all', match: { path: '/*' }, upstream: 'origin' }],
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

const TOTAL = 2_000
const PARALLEL = 40

test('requests beside failing ones all come out as expected', async () => {
  const wrong: string[] = []
  let next = 0
  async function work(): Promise<void> {
    while (next < TOTAL) {
      const number = next
      next += 1
      const kind = number % 40 === 0 ? 'reset' : number % 40 === 20 ? 'kill' : 'plain'
      if (kind === 'kill') await killAfterSending(`/wait/${number}`)
      else {
        const path = kind === 'reset' ? `/reset/${number}` : `/plain/${number}`
        const reply = await ask(gateway.url, { path })
        const expected =
          kind === 'reset' ? reply.status === 502 : reply.body === `answer to ${path}`
        if (!expected) wrong.push(`${path}: ${reply.status} ${reply.body.slice(0, 80)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  expect(wrong).toEqual([])
})

/** Sends a request and answers with RST as soon as it is on its way. */
function killAfterSending(path: string): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(gateway.url)
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, () => {
        setImmediate(() => socket.resetAndDestroy())
      }),
    )
    socket.on('error', () => {})
    socket.on('close', () => resolve())
  })
}
