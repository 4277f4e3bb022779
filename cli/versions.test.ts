import { createServer } from 'node:http'
import { beforeEach, expect, test } from 'vitest'
import { bindCommand, operate } from '../test/doubles/operated.ts'

const lastSeen = '2026-11-22T15:07:31.244Z'
const version = { inTable: true, deprecated: null, sunset: null, afterSunset: 'serve', callers: [] }

let asked: string[] = []
let answer: object = {}
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`)
  response.end(JSON.stringify(answer))
})

operate(server)
beforeEach(() => {
  asked = []
})

const run = bindCommand('versions')

test('each version is told with its end and its callers', async () => {
  const callers = [
    { kind: 'consumer', name: 'old-app', uses: 4800, lastSeen },
    { kind: 'anonymous', name: null, uses: 1, lastSeen },
  ]
  const ending = { deprecated: '2025-06-01', sunset: '2026-12-31', afterSunset: 'refuse' }
  answer = {
    countedSince: '2026-08-25T00:00:00.000Z',
    isCut: true,
    routes: [
      {
        route: 'users',
        versions: [
          { ...version, version: 'v1', ...ending, callers },
          { ...version, version: 'v2' },
          { ...version, version: 'v0', inTable: false },
        ],
      },
    ],
  }
  const { code, out } = await run()
  expect(code).toBe(0)
  expect(out).toBe(`users
  v1  deprecated 2025-06-01, ends 2026-12-31 and is refused then
    consumer old-app  4800 requests, last ${lastSeen}
    anonymous  1 request, last ${lastSeen}
  v2
    nobody since 2026-08-25
  v0  no longer in the table
    nobody since 2026-08-25
there are more callers: ask with --route
`)
  expect(asked).toEqual(['GET /_gateway/versions'])
})

test('one route is asked of by its name', async () => {
  answer = { countedSince: null, isCut: false, routes: [] }
  const { out } = await run('--route', 'a b')
  expect(asked).toEqual(['GET /_gateway/versions?route=a%20b'])
  expect(out).toBe('no route has versions, and none was counted\n')
})
