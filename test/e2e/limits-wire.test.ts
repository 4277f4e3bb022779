/** What limits say on the wire, and what they do to answers under way. */
import http from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { parseDictionary } from '../../src/http/structured-fields.ts'
import { ask, fieldValues } from './client.ts'
import { type Gateway, type Origin, startGateway, startOrigin, until } from './harness.ts'

let gateway: Gateway
let origin: Origin
let streamClosed = 0

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    if (!request.url?.startsWith('/events')) {
      response.setHeader('RateLimit', '"theirs";r=1')
      response.end('ok')
      return
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    const ticking = setInterval(() => response.write(`data: ${'x'.repeat(92)}\n\n`), 5)
    response.on('close', () => {
      clearInterval(ticking)
      streamClosed += 1
    })
  })
  const strict = { by: ['global'], onStoreFault: 'deny' }
  const rate = { use: 'rate-limit', ...strict }
  gateway = await startGateway({
    services: 2,
    routes: {
      version: 1,
      upstreams: { origin: { targets: [origin.url] } },
      routes: [
        {
          name: 'fields',
          match: { path: '/fields' },
          policies: [
            {
              ...rate,
              name: 'windows',
              legacyHeaders: true,
              limits: [
                { limit: 100, windowSeconds: 60 },
                { limit: 3, windowSeconds: 3_600 },
              ],
            },
            { use: 'quota', name: 'daily', ...strict, limit: 1_000, per: 'day' },
            { use: 'concurrency', name: 'at-once', ...strict, limit: 10 },
          ],
          upstream: 'origin',
        },
        {
          name: 'events',
          match: { path: '/events' },
          // Ten tokens of a hundred bytes.
          policies: [
            {
              ...rate,
              limit: 10,
              windowSeconds: 3_600,
              cost: { response: { bytes: 100 }, reserve: 1 },
            },
          ],
          upstream: 'origin',
        },
      ],
    },
  })
})

/**
 * The fields are lists of strings with parameters (RFC 9651 §3.1). The parser knows dictionaries: with a key before
 * each member a list becomes one, and only then.
 */
function membersOf(field: string) {
  const members = field.split(', ')
  const dictionary = parseDictionary(members.map((member, at) => `k${at}=${member}`).join(', '))
  if (dictionary === null || dictionary.size !== members.length) return null
  return [...dictionary.values()].map((member) => {
    if (member.kind !== 'item' || member.value.kind !== 'string') return null
    const parameters = [...member.parameters].map(([key, { value }]) => [key, value])
    return [member.value.value, Object.fromEntries(parameters)]
  })
}

test('admitted and refused answers say what each limit allows and what is left', async () => {
  const replies = []
  for (let count = 0; count < 4; count += 1) {
    replies.push(await ask(gateway.url, { path: '/fields' }))
  }
  const [first, , third, refused] = replies
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429])
  expect(fieldValues(first!, 'ratelimit-policy').map(membersOf)).toEqual([
    [
      ['windows', { q: 100, w: 60 }],
      ['windows-2', { q: 3, w: 3_600 }],
      ['daily', { q: 1_000, w: 86_400 }],
      ['at-once', { q: 10, qu: 'concurrent-requests' }],
    ],
  ])
  const [left] = fieldValues(first!, 'ratelimit').map(membersOf)
  expect(left?.map((member) => member?.[0])).toEqual(['windows', 'windows-2', 'daily', 'at-once'])
  expect(left?.[1]).toEqual(['windows-2', { r: 2 }])
  const [spent] = fieldValues(third!, 'ratelimit').map(membersOf)
  expect(spent?.[1]).toEqual(['windows-2', { r: 0, t: expect.any(Number) }])
  const [none] = fieldValues(refused!, 'ratelimit').map(membersOf)
  const retryAfter = Number(refused?.headers['retry-after'])
  expect(none).toContainEqual(['windows-2', { r: 0, t: retryAfter }])
  expect(refused?.headers['x-ratelimit-limit']).toBe('3')
  expect(refused?.headers['x-ratelimit-remaining']).toBe('0')
  expect(refused?.headers['x-ratelimit-reset']).toBe(String(retryAfter))
  expect(retryAfter).toBeGreaterThan(1_100)
})

test('a stream is cut off when its limit is spent, its last event says why, and the service learns of it', async () => {
  const body = await new Promise<string>((resolve, reject) => {
    http.get(`${gateway.url}/events`, { agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
  })
  const events = body.split('\n\n').filter((event) => event !== '')
  const last = events.at(-1) ?? ''
  expect(last.startsWith('event: error\n')).toBe(true)
  const [, data = ''] = /^data: (.*)$/m.exec(last) ?? []
  expect(JSON.parse(data)).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
  // Events of a hundred bytes each: ten, or fewer where chunks brought several.
  expect(events.length - 1).toBeGreaterThan(0)
  expect(events.length - 1).toBeLessThanOrEqual(10)
  await until(() => (streamClosed === 1 ? true : undefined))
  const next = await ask(gateway.urls[1]!, { path: '/events' })
  expect(next.status).toBe(429)
})
