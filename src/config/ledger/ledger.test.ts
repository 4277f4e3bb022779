/** The owner on a KV that throttles, fails, hangs and shows old copies. What all adapters do: test/contracts. */
import { expect, test } from 'vitest'
import { fakeVersionOf, tableText } from '../../../test/doubles/tables.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { KvDouble, type KvFault } from '../../platform/memory/kv-double.ts'
import { MemoryTableVersions } from '../../platform/memory/table-versions.ts'
import type { IfMatch, TableVersions } from '../../platform/ports.ts'

const build = 'build-1'
const text = (name: string) => tableText({ name })

function setUp({ maxDelayMs = 0 } = {}) {
  const clock = new MemoryClock(1_000_000)
  const kv = new KvDouble({ clock, maxDelayMs })
  const documents = kv.at('owner')
  // What the object sees: another location once it has moved.
  const seen = { ...documents }
  const object = new MemoryTableVersions({
    documents: seen,
    clock,
    timers: clock,
    versionOf: fakeVersionOf,
  })
  let versions: TableVersions = object.start()
  const put = async (name: string, ifMatch: IfMatch = null) => {
    const version = await fakeVersionOf(text(name))
    const table = { text: text(name), version, routes: 1, build, ifMatch }
    return clock.until(versions.put(table))
  }
  const current = async () => {
    const read = await clock.until(versions.read('current'))
    return read.kind === 'read' ? (JSON.parse(read.text) as { name: string }).name : read.kind
  }
  const restart = (location = 'owner') => {
    Object.assign(seen, kv.at(location))
    versions = object.start()
  }
  const nameAt = async (key: string) => {
    const found = await documents.get(key)
    return found === null ? null : (JSON.parse(found.text) as { name: string }).name
  }
  const copyOf = async (name: string) => nameAt(`routes:v:${await fakeVersionOf(text(name))}`)
  const read = () => clock.until(versions.read('current'))
  return { clock, kv, documents, put, current, restart, nameAt, copyOf, read }
}

/** Fails writes of one key. */
function onPut(key: string | RegExp, fault: KvFault) {
  return (operation: string, at: string): KvFault =>
    operation === 'put' && (typeof key === 'string' ? at === key : key.test(at)) ? fault : 'none'
}

test('a PUT right after another waits for the write limit of KV', async () => {
  const { clock, put, nameAt } = setUp()
  await put('a')
  const begun = clock.now()
  expect(await put('b')).toMatchObject({ kind: 'put' })
  expect(clock.now() - begun).toBeLessThanOrEqual(1_300)
  expect(await nameAt('routes')).toBe('b')
})

test.each(['throws', 'hangs'] as const)(
  'a PUT is given up after three seconds while KV %s, and is not in force',
  async (fault) => {
    const { clock, kv, put, current, nameAt } = setUp()
    await put('a')
    await clock.advance(1_000)
    kv.fault = onPut('routes', fault)
    const begun = clock.now()
    expect(await put('b')).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 1 })
    expect(clock.now() - begun).toBeLessThanOrEqual(3_500)
    kv.fault = () => 'none'
    expect(await current()).toBe('a')
    expect(await nameAt('routes')).toBe('a')
  },
)

test('a PUT that failed leaves no copy, and the last good table is the old one again', async () => {
  const { clock, kv, put, nameAt, copyOf, read } = setUp()
  await put('a')
  await clock.advance(1_000)
  kv.fault = onPut('routes', 'throws')
  await put('b')
  expect(await nameAt('routes:good')).toBe('b')
  kv.fault = () => 'none'
  await clock.advance(1_000)
  await read()
  expect(await nameAt('routes:good')).toBe('a')
  expect(await copyOf('b')).toBeNull()
})

test('a PUT that failed can be sent again', async () => {
  const { clock, kv, put, current, copyOf } = setUp()
  await put('a')
  await clock.advance(1_000)
  kv.fault = onPut('routes', 'throws')
  await put('b')
  kv.fault = () => 'none'
  expect(await put('b', [await fakeVersionOf(text('a'))])).toMatchObject({ kind: 'put' })
  expect(await current()).toBe('b')
  expect(await copyOf('b')).toBe('b')
})

test.each([
  { key: /^routes:v:/, name: 'the copy' },
  { key: 'routes:good', name: 'the last good table' },
  { key: 'routes', name: 'the table' },
])('an object that dies before $name is written has the old table in force', async ({ key }) => {
  const { clock, kv, put, current, restart, nameAt, copyOf } = setUp()
  await put('a')
  await clock.advance(1_000)
  // The write never comes back, and the object is started anew meanwhile.
  kv.fault = onPut(key, 'hangs')
  void put('b')
  await clock.advance(500)
  kv.fault = () => 'none'
  restart()
  await clock.advance(1_000)
  expect(await current()).toBe('a')
  expect(await nameAt('routes')).toBe('a')
  expect(await nameAt('routes:good')).toBe('a')
  expect(await copyOf('b')).toBeNull()
})

test('an object that dies after the table was written has the new one in force', async () => {
  const { clock, kv, documents, put, current, restart, nameAt, copyOf } = setUp()
  await put('a')
  await clock.advance(1_000)
  kv.fault = onPut('routes', 'hangs')
  void put('b')
  await clock.advance(500)
  kv.fault = () => 'none'
  const beside = await documents.metadata('routes:good')
  await documents.put('routes', text('b'), beside)
  restart()
  await clock.advance(1_000)
  expect(await current()).toBe('b')
  expect(await nameAt('routes:good')).toBe('b')
  expect(await copyOf('b')).toBe('b')
})

test('an old copy in KV does not undo a PUT', async () => {
  const { clock, kv, put, restart } = setUp({ maxDelayMs: 90_000 })
  await put('a')
  await clock.advance(100_000)
  await put('b')
  expect((await kv.at('elsewhere').get('routes'))?.text).toBe(text('a'))
  restart('elsewhere')
  expect(await put('c', [await fakeVersionOf(text('b'))])).toMatchObject({ kind: 'put' })
})

test('a table that an operator wrote again with another tool is taken over in the end', async () => {
  const { clock, documents, put, current } = setUp()
  await put('a')
  await clock.advance(1_000)
  await put('b')
  await clock.advance(1_000)
  await documents.put('routes', text('a'), null)
  expect(await current()).toBe('b')
  await clock.advance(600_000)
  expect(await current()).toBe('a')
})

test('a table that was written with a newer stamp is taken over at once', async () => {
  const { clock, documents, put, current } = setUp()
  await put('a')
  await clock.advance(1_000)
  await put('b')
  await clock.advance(1_000)
  const version = await fakeVersionOf(text('a'))
  await documents.put('routes', text('a'), { version, stamp: clock.now() })
  expect(await current()).toBe('a')
})

test('a write that landed after a later one is put right', async () => {
  const { clock, documents, put, current, nameAt } = setUp()
  await put('a')
  const old = await documents.metadata('routes')
  await clock.advance(1_000)
  await put('b')
  await clock.advance(1_000)
  await documents.put('routes', text('a'), old)
  await clock.advance(600_000)
  expect(await current()).toBe('b')
  expect(await nameAt('routes')).toBe('b')
})

test('a broken text that came past the owner can be rolled back', async () => {
  const { clock, documents, put, current, read } = setUp()
  await put('a')
  await clock.advance(1_000)
  await documents.put('routes', 'no json', null)
  expect(await read()).toMatchObject({ versions: [{ routes: null }, { routes: 1 }] })
  expect(await put('c', [await fakeVersionOf(text('a'))])).toMatchObject({ kind: 'conflict' })
  expect(await put('c', [await fakeVersionOf('no json')])).toMatchObject({ kind: 'put' })
  expect(await current()).toBe('c')
})

test('a KV that cannot be read decides nothing', async () => {
  const { kv, put, read } = setUp()
  await put('a')
  kv.fault = (operation) => (operation === 'read' ? 'throws' : 'none')
  expect(await read()).toMatchObject({ kind: 'unavailable' })
  expect(await put('b')).toMatchObject({ kind: 'unavailable' })
})
