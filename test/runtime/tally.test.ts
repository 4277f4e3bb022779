import {
  abortAllDurableObjects,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import type { TallyReport } from '../../src/buckets/tally/messages.ts'
import { bindTallies } from '../../src/platform/cloudflare/tallies.ts'
import { bindings } from './bindings.ts'

const report: TallyReport = {
  isolate: 'one',
  policies: [
    ['p', { total: 2, floor: 0, keys: [{ key: '["a"]', count: 2, error: 0, refused: 1 }] }],
  ],
}

afterEach(async () => {
  vi.useRealTimers()
  await reset()
})

const stub = () => bindings.TALLY.getByName('tally')

function storedKeys() {
  return runInDurableObject(stub(), (_, { storage }) => [...storage.kv.list()].map(([key]) => key))
}

test('what isolates count is added up, and there after a restart', async () => {
  const tallies = bindTallies(bindings)
  expect(await tallies.report(report)).toEqual({ nextMs: 10_000 })
  await abortAllDurableObjects()
  await bindTallies(bindings).report({ ...report, isolate: 'other' })
  const { policies } = await bindTallies(bindings).read()
  expect(policies).toEqual([
    ['p', { total: 4, floor: 0, keys: [{ key: '["a"]', count: 4, error: 0, refused: 2 }] }],
  ])
})

test('reading stores nothing', async () => {
  expect((await bindTallies(bindings).read()).policies).toEqual([])
  expect(await storedKeys()).toEqual([])
})

test('once nothing is shown any more nothing is stored', async () => {
  await bindTallies(bindings).report(report)
  expect(await storedKeys()).toEqual(['windows'])
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  expect(await storedKeys()).toEqual(['windows'])
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 600_000)
  expect(await runDurableObjectAlarm(stub())).toBe(true)
  expect(await storedKeys()).toEqual([])
  expect(await runDurableObjectAlarm(stub())).toBe(false)
})
