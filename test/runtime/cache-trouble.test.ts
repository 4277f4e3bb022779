/** What the adapters of the cache do where their objects or KV hang, reject, or are gone. */

import { expect, test } from 'vitest'
import { PurgeWatch, purgePolicies } from '../../src/cache/purge-watch.ts'
import { bindAnswers } from '../../src/platform/cloudflare/answer-stores.ts'
import { bindFillObjects, type FillBindings } from '../../src/platform/cloudflare/fill-objects.ts'
import { bindPurges, type PurgeBindings } from '../../src/platform/cloudflare/purges.ts'
import { makeMemories } from '../../src/platform/memories.ts'
import { MemoryClock } from '../../src/platform/memory/clock.ts'
import { KvDouble } from '../../src/platform/memory/kv-double.ts'
import { headOf } from '../contracts/answers.ts'
import { streamOf } from '../doubles/streams.ts'
import { bindings } from './bindings.ts'

const head = headOf()

function setUpFills(answer: () => Promise<unknown>) {
  const clock = new MemoryClock(0)
  const named: string[] = []
  const stub = { begin: answer, land: answer, forget: answer }
  const FILLS = {
    getByName(name: string) {
      named.push(name)
      return stub
    },
  }
  const fills = bindFillObjects({ FILLS } as unknown as FillBindings, clock)
  return { clock, fills, named }
}

test('an object that does not answer is waited for a second longer than it was asked to wait', async () => {
  const { clock, fills } = setUpFills(() => new Promise(() => {}))
  expect(await clock.until(fills.begin('a', 2_000))).toEqual({ kind: 'alone' })
  expect(clock.now()).toBe(3_000)
})

test('where the object is gone or overloaded everybody is alone at once, and landing is no error', async () => {
  const { clock, fills } = setUpFills(() => Promise.reject(new Error('overloaded')))
  expect(await clock.until(fills.begin('a', 2_000))).toEqual({ kind: 'alone' })
  expect(clock.now()).toBe(0)
  await fills.land('a', 't', null)
  await fills.forget('a')
})

test('what a follower gets is the answer that went over the wire', async () => {
  const bytes = new ArrayBuffer(3)
  const { fills } = setUpFills(async () => ({ kind: 'follow', answer: { head, bytes } }))
  expect(await fills.begin('a', 10)).toEqual({ kind: 'follow', answer: { head, body: bytes } })
})

test('keys are spread over 256 objects, each key on one', async () => {
  const { fills, named } = setUpFills(async () => ({ kind: 'alone' }))
  for (let index = 0; index < 4_096; index++) await fills.begin(`key-${index}`, 10)
  expect(new Set(named).size).toBe(256)
  named.length = 0
  await fills.begin('key-1', 10)
  await fills.land('key-1', 't', null)
  await fills.forget('key-1')
  expect(new Set(named).size).toBe(1)
})

test('a body that breaks off, or has more than a mebibyte, lands as nothing', async () => {
  const landed: unknown[] = []
  const FILLS = {
    getByName: () => ({
      land: async (_key: string, _token: string, answer: unknown) => void landed.push(answer),
    }),
  }
  const fills = bindFillObjects({ FILLS } as unknown as FillBindings, new MemoryClock(0))
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
  await fills.land('a', 't', { head, body: broken })
  const large = new Response(new Uint8Array(1_048_577)).body
  await fills.land('a', 't', { head, body: large })
  await fills.land('a', 't', { head, body: new ArrayBuffer(1_048_576) })
  expect(landed.slice(0, 2)).toEqual([null, null])
  expect(landed[2]).toMatchObject({ head })
})

function setUpPurges(add: () => Promise<unknown>) {
  const clock = new MemoryClock(1_000_000)
  const kv = new KvDouble({ clock })
  const watch = new PurgeWatch(purgePolicies.cloudflare)
  const ports = { clock, timers: clock, documents: kv.at('FRA'), defer: () => {} }
  const PURGES = { getByName: () => ({ add }) }
  const purges = bindPurges({ PURGES } as unknown as PurgeBindings, watch, () => ports)
  return { clock, kv, watch, ports, purges }
}

const subject = { generation: 5, url: 'https://a.example/', route: 'r', tags: [] }

test('a purge that is in KV has its number, and is in force here', async () => {
  const { purges, clock } = setUpPurges(async () => ({ generation: 7, isPublished: true }))
  expect(await clock.until(purges.add({ routes: ['r'] }))).toBe(7)
  expect(purges.current(clock.now()).isPurged(subject)).toBe(true)
})

test('a purge that KV did not take is an error, and in force here all the same', async () => {
  const { purges, clock } = setUpPurges(async () => ({ generation: 7, isPublished: false }))
  await expect(clock.until(purges.add({ routes: ['r'] }))).rejects.toThrow()
  expect(purges.current(clock.now()).isPurged(subject)).toBe(true)
})

test.each<[string, () => Promise<unknown>]>([
  ['does not answer', () => new Promise(() => {})],
  ['is gone', () => Promise.reject(new Error('gone'))],
])('an object that %s is an error within ten seconds', async (_, add) => {
  const { purges, clock } = setUpPurges(add)
  await expect(clock.until(purges.add({ all: true }))).rejects.toThrow()
  expect(clock.now()).toBeLessThanOrEqual(1_010_050)
})

test('an isolate that never saw the list takes nothing from its stores while KV is away', async () => {
  const { clock, kv, watch, ports } = setUpPurges(async () => null)
  const bound = { kv: bindings.KV, clock, memories: makeMemories(), watch, watchPorts: () => ports }
  const { edge } = bindAnswers(bound)
  await edge.put('unsure', { head: headOf(), body: streamOf('x') }, 60)
  kv.fault = () => 'throws'
  expect(await edge.get('unsure')).toBe('fault')
  kv.fault = () => 'none'
  await clock.advance(1_000)
  expect(await edge.get('unsure')).toMatchObject({ head: { status: 200 } })
  await edge.delete('unsure')
})
