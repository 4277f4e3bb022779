/** KV on one machine against what the binding of Cloudflare promises. */
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from './harness.ts'
import { type Probe, startProbe } from './probe.ts'

let probe: Probe
beforeAll(async () => {
  probe = await startProbe()
})

test('a value that was put is read back with its metadata', async () => {
  await probe.kvCall('put', 'a/ü?#%', 'text', { metadata: { version: 'v1' } })
  expect(await probe.kvCall('getWithMetadata', 'a/ü?#%')).toMatchObject({
    value: { value: 'text', metadata: { version: 'v1' } },
  })
})

test('a key that was never put is null', async () => {
  expect(await probe.kvCall('get', 'never')).toEqual({ value: null })
})

test('an empty value is not the same as none', async () => {
  await probe.kvCall('put', 'empty', '')
  expect(await probe.kvCall('get', 'empty')).toEqual({ value: '' })
})

test('a shorter value replaces a longer one whole', async () => {
  await probe.kvCall('put', 'replaced', 'x'.repeat(3_000_000), { metadata: { old: true } })
  await probe.kvCall('put', 'replaced', 'short')
  expect(await probe.kvCall('getWithMetadata', 'replaced')).toMatchObject({
    value: { value: 'short', metadata: null },
  })
})

test('a deleted key is null, and deleting it again is no error', async () => {
  await probe.kvCall('put', 'gone', 'x')
  await probe.kvCall('delete', 'gone')
  expect(await probe.kvCall('delete', 'gone')).toEqual({ value: null })
  expect(await probe.kvCall('get', 'gone')).toEqual({ value: null })
})

test('a value of 25 MiB is taken, and one byte more is refused with 413', async () => {
  const limit = 25 * 1024 * 1024
  await probe.kv.put('large', 'x'.repeat(limit))
  expect((await probe.kv.get('large'))?.value.length).toBe(limit)
  await expect(probe.kv.put('large', 'x'.repeat(limit + 1))).rejects.toThrow(/ 413 /)
  await probe.kv.delete('large')
})

test('a value stays over a restart', async () => {
  const state = temporaryFolder()
  const before = await startProbe({ state })
  await before.kvCall('put', 'kept', 'x'.repeat(1_500_000), { metadata: { n: 1 } })
  await before.stop()
  const after = await startProbe({ state })
  const { value } = (await after.kvCall('getWithMetadata', 'kept')) as {
    value: { value: string; metadata: unknown }
  }
  expect([value.value.length, value.metadata]).toEqual([1_500_000, { n: 1 }])
})

test('writes at once leave one of the values, and every reader sees the same', async () => {
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => probe.kvCall('put', 'contended', `value ${n}`)),
  )
  const reads = await Promise.all(
    Array.from({ length: 20 }, () => probe.kvCall('get', 'contended')),
  )
  expect(new Set(reads.map(({ value }) => value)).size).toBe(1)
})

test('keys are listed in order, by prefix and in pages', async () => {
  for (const name of ['list:b', 'list:a', 'list:c', 'lisu', 'list;']) {
    await probe.kvCall('put', name, name, name === 'list:a' ? { metadata: { m: 1 } } : {})
  }
  const first = await probe.kvCall('list', { prefix: 'list:', limit: 2 })
  expect(first.value).toMatchObject({
    keys: [{ name: 'list:a', metadata: { m: 1 } }, { name: 'list:b' }],
    list_complete: false,
  })
  const { cursor } = first.value as { cursor: string }
  const second = await probe.kvCall('list', { prefix: 'list:', limit: 2, cursor })
  expect(second.value).toMatchObject({ keys: [{ name: 'list:c' }], list_complete: true })
})

test('several keys are read in one call', async () => {
  await probe.kvCall('put', 'bulk:1', '{"n":1}', { metadata: { m: 1 } })
  expect(await probe.kvCall('get', ['bulk:1', 'bulk:none'], 'json')).toEqual({
    value: { 'bulk:1': { n: 1 }, 'bulk:none': null },
  })
  const found = await probe.kvCall('getWithMetadata', ['bulk:1'])
  expect(found.value).toMatchObject({ 'bulk:1': { value: '{"n":1}', metadata: { m: 1 } } })
})

test.each([
  ['a cacheTtl below 30', ['get', 'a', { cacheTtl: 29 }], 400],
  ['a lifetime below 60 s', ['put', 'a', 'x', { expirationTtl: 59 }], 400],
  ['an end that is past', ['put', 'a', 'x', { expiration: 1_000_000 }], 400],
  ['metadata above 1,024 bytes', ['put', 'a', 'x', { metadata: 'x'.repeat(1100) }], 413],
  ['a key above 512 bytes', ['put', 'k'.repeat(513), 'x'], 414],
  ['more than 100 keys at once', ['get', Array.from({ length: 101 }, (_, n) => `k${n}`)], 400],
  ['a bulk read of what is no JSON', ['get', ['not-json'], 'json'], 400],
])('%s is refused, and the next call works', async (_, [method, ...args], status) => {
  await probe.kvCall('put', 'not-json', '{')
  const { error } = await probe.kvCall(method as string, ...args)
  expect(error).toContain(String(status))
  expect(await probe.kvCall('get', 'not-json')).toEqual({ value: '{' })
})

test('a value with a lifetime is listed with its end', async () => {
  const end = Math.floor(Date.now() / 1000) + 3600
  await probe.kvCall('put', 'ends:1', 'x', { expiration: end })
  expect(await probe.kvCall('list', { prefix: 'ends:' })).toMatchObject({
    value: { keys: [{ name: 'ends:1', expiration: end }] },
  })
})
