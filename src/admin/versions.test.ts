import { expect, test } from 'vitest'
import { setUpAdmin } from '../../test/doubles/admin.ts'
import type { RouteTable } from '../config/schema.ts'
import { listVersions } from '../config/versions.ts'
import { MemoryVersionUses } from '../platform/memory/version-uses.ts'

const table = {
  version: 1,
  policySets: {
    dated: [
      {
        use: 'versions',
        from: { header: 'API-Version' },
        versions: {
          '2025-01-01': {},
          '2024-01-01': { deprecated: '2025-01-01', sunset: '2026-01-01', afterSunset: 'refuse' },
        },
      },
    ],
  },
  routes: [
    { name: 'users', match: {}, policies: ['dated'], respond: { status: 200 } },
    { name: 'plain', match: {}, respond: { status: 200 } },
  ],
} as unknown as RouteTable

async function setUp() {
  const admin = setUpAdmin()
  const uses = new MemoryVersionUses(admin.clock)
  Object.assign(admin.ports, { versionUses: uses })
  await admin.put({ name: 'a' })
  const { plan } = admin.source
  Object.assign(plan ?? {}, { versions: () => listVersions(table) })
  return { ...admin, uses }
}

const use = { route: 'users', version: '2024-01-01', caller: 'consumer:app', uses: 3 }

test('each version is shown with its end and with who used it, the oldest first', async () => {
  const { operate, uses, clock } = await setUp()
  await uses.report({ uses: [use, { ...use, caller: 'authority:jwt', uses: 1 }] })
  clock.set(2_000_000)
  await uses.report({ uses: [{ ...use, caller: 'anonymous', uses: 2 }] })
  const { status, json } = await operate('/versions')
  expect(status).toBe(200)
  const first = '1970-01-01T00:16:40.000Z'
  const last = '1970-01-01T00:33:20.000Z'
  expect(json).toEqual({
    countedSince: '1970-01-01T00:00:00.000Z',
    isCut: false,
    routes: [
      {
        route: 'users',
        mode: 'enforce',
        versions: [
          {
            version: '2024-01-01',
            inTable: true,
            deprecated: '2025-01-01',
            sunset: '2026-01-01',
            afterSunset: 'refuse',
            uses: 6,
            lastSeen: last,
            callers: [
              { kind: 'anonymous', name: null, uses: 2, lastSeen: last },
              { kind: 'consumer', name: 'app', uses: 3, lastSeen: first },
              { kind: 'authority', name: 'jwt', uses: 1, lastSeen: first },
            ],
          },
          {
            version: '2025-01-01',
            inTable: true,
            deprecated: null,
            sunset: null,
            afterSunset: 'serve',
            uses: 0,
            lastSeen: null,
            callers: [],
          },
        ],
      },
    ],
  })
})

test('what was counted of routes and versions that are gone is shown behind', async () => {
  const { operate, uses } = await setUp()
  await uses.report({
    uses: [
      { ...use, version: 'v0' },
      { ...use, route: 'old' },
    ],
  })
  const { json } = await operate('/versions')
  const shown = (
    json.routes as { route: string; versions: { version: string; inTable: boolean }[] }[]
  ).flatMap(({ route, versions }) => versions.map((one) => [route, one.version, one.inTable]))
  expect(shown).toEqual([
    ['users', '2024-01-01', true],
    ['users', '2025-01-01', true],
    ['users', 'v0', false],
    ['old', '2024-01-01', false],
  ])
})

test('one route can be asked of alone', async () => {
  const { operate, uses } = await setUp()
  await uses.report({ uses: [use, { ...use, route: 'old' }] })
  const { json } = await operate('/versions?route=old')
  expect((json.routes as { route: string }[]).map(({ route }) => route)).toEqual(['old'])
})

test('an object that is away is a 503, and nobody without the token is told anything', async () => {
  const { operate, send, uses } = await setUp()
  uses.isAway = true
  const { status, code } = await operate('/versions')
  expect([status, code]).toEqual([503, 'STORE_UNAVAILABLE'])
  expect((await send('/versions')).status).toBe(401)
})
