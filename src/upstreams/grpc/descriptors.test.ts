import { expect, test } from 'vitest'
import { base64Of, descriptorSet, descriptorSetWith } from '../../../test/doubles/descriptors.ts'
import { makeExchange } from '../../../test/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryDocuments } from '../../platform/memory/documents.ts'
import { readOutline } from '../../rpc/outline-core.ts'
import { forgetSet, putSet } from '../../rpc/stored.ts'
import { bindDescriptors } from './descriptors.ts'

function setUp() {
  const clock = new MemoryClock(1_000_000)
  const documents = new MemoryDocuments(clock)
  let reads = 0
  const get = documents.getIfChanged.bind(documents)
  documents.getIfChanged = (key, versions) => {
    reads += 1
    return get(key, versions)
  }
  const exchange = makeExchange({ documents, memories: makeMemories() })
  const ports = { ...exchange.ports, clock, timers: clock }
  const find = bindDescriptors({ descriptors: { store: 'users' } })
  async function put(bytes: Uint8Array<ArrayBuffer>) {
    const outline = readOutline(bytes)
    await putSet('users', bytes, outline.kind === 'outline' ? outline.services : [], ports)
  }
  async function methodsNow() {
    const api = await find(ports)
    return 'kind' in api ? api.code : api.services[0]?.methods.map(({ name }) => name)
  }
  return { clock, documents, ports, put, find, methodsNow, reads: () => reads }
}

const first = descriptorSetWith([{ name: 'One' }])
const second = descriptorSetWith([{ name: 'Two' }])

test('a set is read once a minute, and a new one is taken then', async () => {
  const { put, methodsNow, clock, reads } = setUp()
  await put(first)
  expect(await methodsNow()).toEqual(['One'])
  await put(second)
  await clock.advance(59_999)
  expect(await methodsNow()).toEqual(['One'])
  expect(reads()).toBe(1)
  await clock.advance(1)
  expect(await methodsNow()).toEqual(['Two'])
  expect(reads()).toBe(2)
})

test('a set that did not change is not read into objects again', async () => {
  const { put, find, clock, ports } = setUp()
  await put(first)
  const before = await find(ports)
  await clock.advance(60_000)
  expect(await find(ports)).toBe(before)
})

test('the isolate that took a new set forgets the old one', async () => {
  const { put, methodsNow, ports } = setUp()
  await put(first)
  await methodsNow()
  await put(second)
  forgetSet('users', ports)
  expect(await methodsNow()).toEqual(['Two'])
})

test('requests that miss together share a read', async () => {
  const { put, methodsNow, reads } = setUp()
  await put(first)
  await Promise.all([methodsNow(), methodsNow(), methodsNow()])
  expect(reads()).toBe(1)
})

test('no set is DESCRIPTORS_UNAVAILABLE, and is looked for again after five seconds', async () => {
  const { put, methodsNow, clock, reads } = setUp()
  expect(await methodsNow()).toBe('DESCRIPTORS_UNAVAILABLE')
  await put(first)
  expect(await methodsNow()).toBe('DESCRIPTORS_UNAVAILABLE')
  expect(reads()).toBe(1)
  await clock.advance(5_000)
  expect(await methodsNow()).toEqual(['One'])
})

test('what is no set is DESCRIPTORS_UNAVAILABLE', async () => {
  const { documents, methodsNow } = setUp()
  await documents.put('descriptors:users', 'AAAA', { version: 'x' })
  expect(await methodsNow()).toBe('DESCRIPTORS_UNAVAILABLE')
})

test('while the store is away the last set serves', async () => {
  const { put, methodsNow, clock, documents } = setUp()
  await put(first)
  await methodsNow()
  documents.getIfChanged = () => Promise.reject(new Error('down'))
  await clock.advance(60_000)
  expect(await methodsNow()).toEqual(['One'])
  await clock.advance(3_600_000)
  expect(await methodsNow()).toBe('DESCRIPTORS_UNAVAILABLE')
})

test('a set in the table needs no store', async () => {
  const { ports, reads } = setUp()
  const find = bindDescriptors({ descriptors: { base64: base64Of(descriptorSet()) } })
  const api = await find(ports)
  expect('kind' in api).toBe(false)
  expect(await find(ports)).toBe(api)
  expect(reads()).toBe(0)
})
