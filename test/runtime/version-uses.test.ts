import {
  abortAllDurableObjects,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import { bindVersionUses } from '../../src/platform/cloudflare/version-uses.ts'
import { bindings } from './bindings.ts'

const DAY_MS = 86_400_000

const use = { route: 'users', version: 'v1', caller: 'consumer:app', uses: 2 }

afterEach(async () => {
  vi.useRealTimers()
  await reset()
})

const stub = () => bindings.VERSIONS.getByName('versions')

test('what isolates tell is added up by caller, and there after a restart', async () => {
  const uses = bindVersionUses(bindings)
  await uses.report({ uses: [use, { ...use, caller: 'anonymous' }] })
  await abortAllDurableObjects()
  const again = bindVersionUses(bindings)
  await again.report({ uses: [use, { ...use, route: 'orders' }] })
  const all = await again.read(null)
  expect(all.lines).toHaveLength(3)
  expect(all.isCut).toBe(false)
  const { lines, since } = await again.read('users')
  expect(lines.map(({ caller, uses }) => [caller, uses]).sort()).toEqual([
    ['anonymous', 2],
    ['consumer:app', 4],
  ])
  expect(since).toBe(Math.floor(Date.now() / DAY_MS) * DAY_MS)
})

test('after 90 days nothing is stored any more', async () => {
  await bindVersionUses(bindings).report({ uses: [use] })
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  expect((await bindVersionUses(bindings).read(null)).lines).toHaveLength(1)
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 90 * DAY_MS)
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  const left = await runInDurableObject(stub(), (_, { storage }) =>
    storage.sql.exec('SELECT * FROM uses').toArray(),
  )
  expect(left).toEqual([])
  expect(await runDurableObjectAlarm(stub())).toBe(false)
})
