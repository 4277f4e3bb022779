import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeCallScope, makeTimedCall, scripted } from '../../../test/calls.ts'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryUpstreamObjects } from '../../platform/memory/upstream-objects.ts'
import { runtimeTimers } from '../../platform/timers.ts'
import type { UpstreamOptions } from '../../upstreams/http/schema.ts'
import type { CallScope } from '../order.ts'
import { bindCount } from '../state/count.ts'
import { bindTargets } from './targets.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_200_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

const http = 'http://list'

function setUp(more: Partial<UpstreamOptions> = {}) {
  const randomness = { hex: () => 'ab', fraction: () => 0 }
  const clock = { now: () => Date.now() }
  const objects = new MemoryUpstreamObjects({ clock, timers: runtimeTimers, randomness })
  const state = { list: ['http://a'] as unknown, asked: 0 }
  objects.io = {
    ...objects.io,
    network: {
      send: async () => {
        state.asked += 1
        return Response.json(state.list)
      },
      sendTo: () => Promise.reject(new Error('not asked')),
    },
  }
  const memories = makeMemories()
  function bind(options: Partial<UpstreamOptions> = {}) {
    const scope = makeCallScope()
    const own: CallScope = {
      ...scope,
      options: { discover: { http }, ...more, ...options },
      targets: [],
      roster: { targets: [] },
    }
    const { send, sent } = scripted(new Response('ok'))
    const inner = bindTargets(own)?.(send) ?? send
    const pipeline = bindCount(own)?.(inner) ?? inner
    async function call() {
      const made = makeTimedCall({ memories })
      const { exchange } = made
      const ports = {
        ...exchange.ports,
        upstreams: objects,
        timers: runtimeTimers,
        defer: () => {},
      }
      const answer = await pipeline({ ...made, exchange: { ...exchange, ports } })
      return answer instanceof Response ? (sent.at(-1)?.target ?? '') : answer
    }
    return { call, scope: own }
  }
  return { objects, state, bind }
}

test('the first call waits for the list, and later ones do not', async () => {
  const { objects, bind } = setUp()
  objects.delayMs = 200
  const { call } = bind()
  const first = call()
  await vi.advanceTimersByTimeAsync(400)
  expect(await first).toBe('http://a')
  objects.delayMs = 100_000
  expect(await call()).toBe('http://a')
})

test('calls that come together ask for the list together', async () => {
  const { objects, state, bind } = setUp()
  const { call } = bind()
  expect(await Promise.all([call(), call(), call()])).toEqual(['http://a', 'http://a', 'http://a'])
  // The report of the first call, and the one that all wait for.
  expect([objects.reports.length, state.asked]).toEqual([2, 1])
})

test('an empty list refuses, and nothing was sent', async () => {
  const { state, bind } = setUp()
  state.list = []
  expect(await bind().call()).toMatchObject({ code: 'NO_HEALTHY_TARGET', unsent: true })
})

test('an object that is away is waited for once in a second', async () => {
  const { objects, bind } = setUp()
  objects.fault = 'away'
  const { call } = bind()
  expect(await call()).toMatchObject({ code: 'NO_HEALTHY_TARGET' })
  const told = vi.fn(() => Promise.reject(new Error('away')))
  objects.exchange = told
  expect(await call()).toMatchObject({ code: 'NO_HEALTHY_TARGET' })
  expect(told).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1_000)
  await call()
  expect(told).toHaveBeenCalled()
})

test('a new list is used as soon as the isolate heard of it', async () => {
  const { objects, state, bind } = setUp()
  const { call, scope } = bind()
  await call()
  state.list = ['http://b']
  await vi.advanceTimersByTimeAsync(30_000)
  await objects.wake('users')
  // This call reports, and hears.
  expect(await call()).toBe('http://a')
  await vi.advanceTimersByTimeAsync(0)
  expect(await call()).toBe('http://b')
  expect(scope.roster?.targets.map(({ url, index }) => [url, index])).toEqual([['http://b', 0]])
})

test('a table with another source does not call what the first one listed', async () => {
  const { state, bind } = setUp()
  expect(await bind().call()).toBe('http://a')
  state.list = ['http://b']
  expect(await bind({ discover: { http: 'http://other' } }).call()).toBe('http://b')
})

test('how many targets may be ejected is counted of those of the moment', async () => {
  const { objects, state, bind } = setUp({ ejection: { maxPercent: 50 } })
  state.list = ['http://a', 'http://b', 'http://c', 'http://d']
  const { call } = bind()
  await call()
  await vi.advanceTimersByTimeAsync(6_000)
  await call()
  expect(objects.reports.at(-1)?.spec.ejection?.most).toBe(2)
})
