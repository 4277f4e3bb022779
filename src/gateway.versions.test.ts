import { expect, test } from 'vitest'
import { makeCached } from '../test/cached-gateway.ts'
import { START } from '../test/exchange.ts'
import { makeGateway, planOf } from '../test/gateway.ts'
import { makeMemories } from './platform/memories.ts'
import { MemoryClock } from './platform/memory/clock.ts'
import { MemoryVersionUses } from './platform/memory/version-uses.ts'

const versions = {
  use: 'versions',
  from: { header: 'API-Version' },
  versions: {
    '2024-01-01': { deprecated: '2025-01-01' },
    '2024-06-01': { response: { rename: { fullName: 'name' } } },
    '2025-01-01': { response: { unwrap: 'data' } },
  },
}

const ada = () =>
  new Response('{"data":{"fullName":"Ada"}}', {
    headers: { 'content-type': 'application/json', 'cache-control': 'max-age=60', etag: '"a"' },
  })

const of = (version: string, more: Record<string, string> = {}) => ({
  headers: { 'API-Version': version, ...more },
})

test('one stored answer is brought to the version of each client', async () => {
  const { get, outcomes, calls } = makeCached(ada, { policies: [versions] })
  expect((await get('/', of('2024-01-01'))).text).toBe('{"name":"Ada"}')
  expect((await get('/', of('2024-06-01'))).text).toBe('{"fullName":"Ada"}')
  expect((await get('/', of('2025-01-01'))).text).toBe('{"data":{"fullName":"Ada"}}')
  expect(outcomes()).toEqual(['miss', 'hit', 'hit'])
  expect(calls).toHaveLength(1)
})

test('a client that has its form of the stored answer is answered 304, and no other', async () => {
  const { get } = makeCached(ada, { policies: [versions] })
  const old = (await get('/', of('2024-01-01'))).headers.get('etag') ?? ''
  const again = await get('/', of('2024-01-01', { 'If-None-Match': old }))
  expect([again.status, again.headers.get('etag')]).toEqual([304, old])
  const other = await get('/', of('2024-06-01', { 'If-None-Match': old }))
  expect([other.status, other.text]).toEqual([200, '{"fullName":"Ada"}'])
  const newest = await get('/', of('2025-01-01', { 'If-None-Match': old }))
  expect([newest.status, newest.headers.get('etag')]).toEqual([200, '"a"'])
})

test('where a version changes requests, each has a stored answer of its own', async () => {
  const changing = {
    ...versions,
    versions: { v1: {}, v2: { request: { query: { set: { form: 'short' } } } } },
  }
  const { get, calls } = makeCached(ada, { policies: [changing] })
  await get('/', of('v1'))
  await get('/', of('v2'))
  await get('/', of('v1'))
  expect(calls.map(({ url }) => new URL(url).search)).toEqual(['?form=short', ''])
})

test('the event names the version, and the count is told once the answer is there', async () => {
  const uses = new MemoryVersionUses(new MemoryClock(START))
  const route = {
    name: 'users',
    match: { path: '/*' },
    policies: [versions],
    upstream: { targets: ['http://127.0.0.1:9'] },
  }
  const { ask, events, rest } = makeGateway(
    { version: 1, routes: [route] },
    {
      ports: { versionUses: uses, memories: makeMemories() },
      answer: () => {
        expect(uses.reports).toEqual([])
        return ada()
      },
    },
  )
  const response = await ask(of('2024-02-29'))
  await rest()
  expect(response.headers.get('deprecation')).toBe('@1735689600')
  expect(events[0]).toMatchObject({ version: '2024-01-01', policies: { 'versions-1': 'passed' } })
  expect(uses.reports).toEqual([
    { uses: [{ route: 'users', version: '2024-01-01', caller: 'anonymous', uses: 1 }] },
  ])
})

test.each([
  [{ path: true }, '/:version/users', null],
  [{ path: true }, '/:v/users', 'path'],
  [{ param: 'v' }, '/:v/users', null],
  [{ param: 'v' }, '/users', 'param'],
])('a version in the path by %j has to be in %s', (from, path, key) => {
  const policies = [{ ...versions, from }]
  const load = () =>
    planOf({
      version: 1,
      routes: [{ name: 'a', match: { path }, policies, respond: { status: 200 } }],
    })
  if (key === null) expect(load().versions()).toHaveLength(1)
  else expect(load).toThrow(`/routes/0/policies/0/from/${key}:`)
})
