import { expect, test } from 'vitest'
import {
  brokenProblem,
  fakePlan,
  fakeVersionOf,
  makeFakeLoad,
  tableText,
} from '../../test/doubles/tables.ts'
import { MemoryClock } from '../platform/memory/clock.ts'
import { KvDouble } from '../platform/memory/kv-double.ts'
import { MemoryTableVersions } from '../platform/memory/table-versions.ts'
import { TableSource } from './source.ts'
import { type LookPolicy, lookPolicies } from './source-core.ts'

const build = 'build-1'
const one = tableText({ name: 'one' })
const two = tableText({ name: 'two' })
const broken = tableText({ name: 'broken', broken: true })

function setUp({ policy = lookPolicies.machine as LookPolicy, build = 'build-1' } = {}) {
  const clock = new MemoryClock(1_000_000)
  const kv = new KvDouble({ clock, maxDelayMs: 0 })
  const documents = kv.at('here')
  const parts = { documents, clock, timers: clock, versionOf: fakeVersionOf }
  const versions = new MemoryTableVersions(parts).start()
  const load = makeFakeLoad()
  const deferred: Promise<unknown>[] = []
  const ports = {
    clock,
    timers: clock,
    documents,
    versions,
    defer: (work: Promise<unknown>) => {
      deferred.push(work)
    },
  }
  const source = new TableSource({
    load,
    versionOf: fakeVersionOf,
    policy,
    build,
    portsOf: () => ports,
  })

  /** What a request does: the name of the table that answers it, or the code of the refusal. */
  async function request(): Promise<string> {
    const due = source.due(clock.now())
    if (due === 'first') await clock.until(source.look(ports))
    const answer = source.plan?.routes[0]?.name ?? source.missing.code
    if (due === 'behind') ports.defer(source.look(ports))
    return answer
  }
  const quiet = () => clock.until(Promise.all(deferred))
  return { clock, kv, documents, versions, load, ports, source, request, quiet }
}

test('an empty store is answered TABLE_MISSING', async () => {
  const { request } = setUp()
  expect(await request()).toBe('TABLE_MISSING')
})

test('an isolate without a table does not ask the store on every request', async () => {
  const { kv, clock, request } = setUp()
  await request()
  const { reads } = kv
  await request()
  expect(kv.reads).toBe(reads)
  await clock.advance(100)
  await request()
  expect(kv.reads).toBeGreaterThan(reads)
})

test.each(['throws', 'hangs'] as const)(
  'a store that %s is answered STORE_UNAVAILABLE within a second while nothing is loaded',
  async (fault) => {
    const { kv, clock, request, source } = setUp()
    kv.fault = () => fault
    const begun = clock.now()
    expect(await request()).toBe('STORE_UNAVAILABLE')
    expect(clock.now() - begun).toBeLessThanOrEqual(1_050)
    expect(source.missing.headers).toMatchObject({ 'Retry-After': '1' })
  },
)

test('an isolate that found the store away loads the table once it is back', async () => {
  const { kv, clock, documents, request } = setUp()
  await documents.put('routes', one, null)
  kv.fault = () => 'throws'
  await request()
  kv.fault = () => 'none'
  await clock.advance(100)
  expect(await request()).toBe('one')
})

test.each(['throws', 'hangs'] as const)(
  'a table serves on and says degraded while the store %s',
  async (fault) => {
    const { kv, clock, documents, request, source } = setUp()
    await documents.put('routes', one, null)
    await request()
    kv.fault = () => fault
    await clock.advance(10_000)
    // The first look after a pause may wait for the store, within its timeout.
    expect(await request()).toBe('one')
    expect(source.status().problems).toMatchObject([{ pointer: '', code: 'STORE_UNAVAILABLE' }])
    const begun = clock.now()
    for (let count = 0; count < 5; count++) {
      await clock.advance(2_000)
      expect(source.due(clock.now())).not.toBe('first')
      expect(await request()).toBe('one')
    }
    expect(clock.now() - begun).toBe(10_000)
  },
)

test('a store that is back ends the degraded state', async () => {
  const { kv, clock, documents, request, source, quiet } = setUp()
  await documents.put('routes', one, null)
  await request()
  kv.fault = () => 'throws'
  await clock.advance(1_000)
  await request()
  kv.fault = () => 'none'
  await clock.advance(1_000)
  await request()
  await quiet()
  expect(source.status().problems).toEqual([])
})

test('a busy isolate serves first and looks then', async () => {
  const { clock, documents, request, quiet } = setUp()
  await documents.put('routes', one, null)
  await request()
  await clock.advance(1_000)
  await request()
  await documents.put('routes', two, null)
  await clock.advance(300)
  expect(await request()).toBe('one')
  await quiet()
  expect(await request()).toBe('two')
})

test('an isolate that slept looks before it serves', async () => {
  const { clock, documents, request } = setUp()
  await documents.put('routes', one, null)
  await request()
  await clock.advance(60_000)
  await documents.put('routes', two, null)
  expect(await request()).toBe('two')
})

test('a look at an unchanged table copies no text', async () => {
  const { clock, kv, versions, request } = setUp()
  const version = await fakeVersionOf(one)
  await clock.until(versions.put({ text: one, version, routes: 1, build, ifMatch: null }))
  await request()
  const { copies } = kv
  await clock.advance(60_000)
  await request()
  expect(kv.copies).toBe(copies)
})

test('a broken table leaves the old one in force, and is judged once', async () => {
  const { clock, documents, load, request, source } = setUp()
  await documents.put('routes', one, null)
  await request()
  await clock.advance(60_000)
  await documents.put('routes', broken, null)
  expect(await request()).toBe('one')
  expect(source.status().problems).toEqual([brokenProblem])
  const judged = load.loads.length
  await clock.advance(60_000)
  expect(await request()).toBe('one')
  expect(load.loads).toHaveLength(judged)
  await documents.put('routes', two, null)
  await clock.advance(60_000)
  expect(await request()).toBe('two')
  expect(source.status().problems).toEqual([])
})

test('a broken table that is replaced by the one in force is forgotten', async () => {
  const { clock, documents, request, source } = setUp()
  for (const text of [one, broken, one]) {
    await documents.put('routes', text, null)
    await clock.advance(60_000)
    await request()
  }
  expect(source.status().problems).toEqual([])
})

test('a cold isolate that finds a broken table serves the last good one and says so', async () => {
  const { documents, request, source } = setUp()
  await documents.put('routes:good', one, null)
  await documents.put('routes', broken, null)
  expect(await request()).toBe('one')
  expect(source.status()).toMatchObject({
    live: { from: 'good' },
    problems: [{ code: 'VALUE_INVALID' }],
  })
})

test('a cold isolate that finds two broken tables answers TABLE_MISSING', async () => {
  const { documents, request } = setUp()
  await documents.put('routes:good', broken, null)
  await documents.put('routes', broken, null)
  expect(await request()).toBe('TABLE_MISSING')
})

test('a deleted table serves on from the last good one', async () => {
  const { documents, request, source } = setUp()
  await documents.put('routes:good', one, null)
  expect(await request()).toBe('one')
  expect(source.status().problems).toMatchObject([{ code: 'TABLE_MISSING' }])
})

test('a table that lacks a secret serves and says degraded', async () => {
  const { documents, request, source } = setUp()
  const missing = [{ pointer: '/upstreams/u', code: 'SECRET_MISSING', name: 'KEY' }] as const
  await documents.put('routes', tableText({ name: 'poor', missing }), null)
  expect(await request()).toBe('poor')
  expect(source.status().problems).toMatchObject([
    { pointer: '/upstreams/u', code: 'SECRET_MISSING', severity: 'environment' },
  ])
})

test('a text that this build accepted is not judged again', async () => {
  const { clock, versions, load, request } = setUp()
  const version = await fakeVersionOf(one)
  await clock.until(versions.put({ text: one, version, routes: 1, build, ifMatch: null }))
  await request()
  expect(load.loads).toEqual([{ trusted: true }])
})

test('a text that another build accepted is judged again', async () => {
  const { clock, versions, load, request } = setUp()
  const version = await fakeVersionOf(one)
  const table = { text: one, version, routes: 1, build: 'build-0', ifMatch: null }
  await clock.until(versions.put(table))
  await request()
  expect(load.loads).toEqual([{ trusted: false }])
})

test('a build without a name judges every text itself', async () => {
  const { clock, versions, load, request } = setUp({ build: '' })
  const version = await fakeVersionOf(one)
  await clock.until(versions.put({ text: one, version, routes: 1, build: '', ifMatch: null }))
  await request()
  expect(load.loads).toEqual([{ trusted: false }])
})

test('a table that came past the gateway becomes the last good one', async () => {
  const { documents, request, quiet } = setUp()
  await documents.put('routes', one, null)
  await request()
  await quiet()
  expect(await documents.get('routes:good')).toMatchObject({
    text: one,
    metadata: { version: await fakeVersionOf(one), build },
  })
})

test('a PUT is in force in its isolate at once, and no older copy undoes it', async () => {
  const { clock, documents, request, source, quiet } = setUp({ policy: lookPolicies.cloudflare })
  await documents.put('routes', one, null)
  await request()
  const version = await fakeVersionOf(two)
  source.adopt(
    { plan: fakePlan({ name: 'two' }, version), version, warnings: [], lacks: [] },
    clock.now(),
    clock.now(),
  )
  expect(await request()).toBe('two')
  // This location still sees the copy from before.
  await clock.advance(20_000)
  await request()
  await quiet()
  expect(await request()).toBe('two')
})

test('a look that began before a PUT does not undo it', async () => {
  const { clock, documents, ports, source, request } = setUp()
  await documents.put('routes', one, null)
  const look = source.look(ports)
  const version = await fakeVersionOf(two)
  const plan = fakePlan({ name: 'two' }, version)
  source.adopt({ plan, version, warnings: [], lacks: [] }, clock.now(), clock.now())
  await clock.until(look)
  expect(await request()).toBe('two')
})

test('a slow store that answers late still brings its table', async () => {
  const { clock, documents, ports, request } = setUp()
  await documents.put('routes', one, null)
  const { getIfChanged } = documents
  const slow = {
    ...documents,
    getIfChanged: async (key: string, versions: readonly string[]) => {
      await clock.after(1_500).done
      return getIfChanged(key, versions)
    },
  }
  Object.assign(ports, { documents: slow })
  expect(await request()).toBe('STORE_UNAVAILABLE')
  await clock.advance(600)
  expect(await request()).toBe('one')
})

test('one look is under way at a time', async () => {
  const { clock, documents, load, ports, source } = setUp()
  await documents.put('routes', one, null)
  await clock.until(Promise.all(Array.from({ length: 20 }, () => source.look(ports))))
  expect(load.loads).toHaveLength(1)
})

test('nothing is due right after a look', async () => {
  const { clock, documents, request, source } = setUp()
  await documents.put('routes', one, null)
  await request()
  expect(source.due(clock.now())).toBe('no')
  await clock.advance(249)
  expect(source.due(clock.now())).toBe('no')
  await clock.advance(1)
  expect(source.due(clock.now())).toBe('behind')
})

test('a clock that is set back makes a look due', async () => {
  const { clock, documents, request, source } = setUp()
  await documents.put('routes', one, null)
  await request()
  clock.set(clock.now() - 3_600_000)
  expect(source.due(clock.now())).toBe('behind')
})
