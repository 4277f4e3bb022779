/** What clients send in headers, queries and bodies appears in no event, console line or problem. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin } from './harness.ts'

const canary = 'CANARY7f3a'

let gateway: Gateway
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    if (request.url?.startsWith('/reset')) request.socket.resetAndDestroy()
    else response.end('ok')
  })
  gateway = await startGateway({
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      defaults: {
        policies: [
          { use: 'request-id' },
          { use: 'cors', origins: ['https://app.example.com'] },
          { use: 'size-limit', maxBodyBytes: 100 },
        ],
      },
      routes: [
        { name: 'json', match: { path: '/json', body: { '/kind': 'a' } }, upstream: 'origin' },
        {
          name: 'denied',
          match: { path: '/denied' },
          policies: [{ use: 'ip-filter', allow: ['192.0.2.0/24'] }],
          upstream: 'origin',
        },
        {
          name: 'segment',
          match: { path: '/segment' },
          policies: [{ use: 'rewrite', path: '/${query.name}' }],
          upstream: 'origin',
        },
        { name: 'get', match: { path: '/only-get', methods: ['GET'] }, upstream: 'origin' },
        { name: 'ok', match: { path: '/ok' }, upstream: 'origin' },
        { name: 'reset', match: { path: '/reset' }, upstream: 'origin' },
      ],
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await origin?.stop()
})

const headers = {
  Authorization: `Bearer ${canary}`,
  Cookie: `session=${canary}`,
  'X-Canary': canary,
  'X-Request-ID': `x ${canary}`,
  Origin: `https://${canary}.example`,
  'User-Agent': canary,
  Referer: `https://${canary}.example/`,
  traceparent: canary,
  tracestate: canary,
  'If-Match': canary,
}

test('a canary in every header, query value and body leaks nowhere', async () => {
  const asks = [
    { path: `/ok?token=${canary}` },
    { path: `/nothing?token=${canary}` },
    { path: `/denied?token=${canary}` },
    { path: `/reset?token=${canary}` },
    { path: `/segment?name=..&token=${canary}` },
    { path: `/bad%00?token=${canary}` },
    { method: 'POST', path: `/only-get?token=${canary}` },
    { method: 'POST', path: '/json', body: `{"${canary}` },
    { method: 'POST', path: '/ok', body: canary.repeat(20) },
    { path: `/_gateway/routes?token=${canary}` },
    { path: `/_gateway/problems/${canary}` },
  ]
  const problems: string[] = []
  for (const request of asks) {
    for (const accept of ['*/*', 'text/html', 'text/plain']) {
      const reply = await ask(gateway.url, {
        ...request,
        headers: { ...headers, Accept: accept, 'Content-Type': 'application/json' },
      })
      if (reply.body !== 'ok') problems.push(reply.body, JSON.stringify(reply.headers))
    }
  }
  await gateway.event(({ path }) => path === '/ok')
  expect(problems.length).toBeGreaterThan(30)
  expect(problems.filter((text) => text.includes(canary))).toEqual([])
  expect(gateway.output().filter((line) => line.includes(canary))).toEqual([])
})
