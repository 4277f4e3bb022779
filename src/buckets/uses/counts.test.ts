import { expect, test } from 'vitest'
import { makeMemories } from '../../platform/memories.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryVersionUses } from '../../platform/memory/version-uses.ts'
import type { Ports, VersionUses } from '../../platform/ports.ts'
import { countUse, tellUsesNow, tellUsesWhenDue, usePrefix, usesOf } from './counts.ts'

const START = 1_000_000

function setUp(given: { readonly versionUses?: VersionUses } = {}) {
  const clock = new MemoryClock(START)
  const object = new MemoryVersionUses(clock)
  const deferred: Promise<unknown>[] = []
  const ports = {
    clock,
    timers: clock,
    memories: makeMemories(),
    randomness: { hex: () => '', fraction: () => 0 },
    versionUses: given.versionUses ?? object,
    defer: (work: Promise<unknown>) => void deferred.push(work),
  } as unknown as Ports
  /** A request of this caller whose answer is there, so many milliseconds after the start. */
  async function request(afterMs: number, caller: string, version = 'v1') {
    clock.set(START + afterMs)
    const uses = usesOf(ports, clock.now())
    countUse(uses, usePrefix('users', version), caller)
    tellUsesWhenDue(uses, ports, clock.now())
    await Promise.all(deferred.splice(0))
  }
  const told = () =>
    object.reports.map(({ uses }) =>
      uses.map(({ route, version, caller, uses }) => [route, version, caller, uses].join(' ')),
    )
  return { clock, object, ports, request, told }
}

test('a caller that is new to the isolate is told of with its first request', async () => {
  const { request, told } = setUp()
  await request(0, 'consumer:app')
  expect(told()).toEqual([['users v1 consumer:app 1']])
})

test('what comes later is told twice a minute', async () => {
  const { request, told } = setUp()
  await request(0, 'a')
  await request(2_000, 'a')
  await request(29_999, 'a')
  expect(told()).toHaveLength(1)
  await request(30_000, 'a')
  expect(told().slice(1)).toEqual([['users v1 a 3']])
})

test('however many callers are new, the object is told once a second', async () => {
  const { request, told } = setUp()
  await request(0, 'a')
  await request(1, 'b')
  await request(999, 'c')
  expect(told()).toHaveLength(1)
  await request(1_000, 'c')
  expect(told().slice(1)).toEqual([['users v1 b 1', 'users v1 c 2']])
})

test('a version that a known caller never used here is told of at once', async () => {
  const { request, told } = setUp()
  await request(0, 'a')
  await request(1_000, 'a', 'v2')
  expect(told().slice(1)).toEqual([['users v2 a 1']])
})

test('an object that cannot be reached costs what was counted, and nothing else', async () => {
  const { request, object, told } = setUp()
  object.isAway = true
  await request(0, 'a')
  object.isAway = false
  await request(1_000, 'a')
  expect(told()).toEqual([['users v1 a 1']])
})

test('an object that does not answer is waited for five seconds', async () => {
  const { clock, ports } = setUp({
    versionUses: { report: () => new Promise(() => {}), read: () => new Promise(() => {}) },
  })
  countUse(usesOf(ports, START), usePrefix('users', 'v1'), 'a')
  await clock.until(tellUsesNow(ports))
  expect(clock.now()).toBe(START + 5_000)
})

test('more keys than an isolate counts are counted for others', async () => {
  const { object, ports } = setUp()
  const uses = usesOf(ports, START)
  for (let at = 0; at < 1_200; at += 1) countUse(uses, usePrefix('users', 'v1'), `c${at}`)
  await tellUsesNow(ports)
  const [report] = object.reports
  expect(report?.uses).toHaveLength(1_001)
  expect(report?.uses.at(-1)).toEqual({
    route: 'users',
    version: 'v1',
    caller: 'others',
    uses: 200,
  })
})

test('a clock that is set back does not silence the isolate', async () => {
  const { request, told } = setUp()
  await request(0, 'a')
  await request(-1_000_000, 'a')
  expect(told()).toHaveLength(2)
})
