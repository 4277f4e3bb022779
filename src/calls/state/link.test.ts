import { expect, test } from 'vitest'
import { makeExchange } from '../../../test/exchange.ts'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../../platform/memory/upstream-objects.ts'
import { breakerRules } from '../breaker/rules.ts'
import { UpstreamLink } from './link.ts'
import type { Outcome } from './tally.ts'

const spec = { breaker: breakerRules({ consecutiveFailures: 50 }) }
const good: Outcome = {
  target: 'http://a',
  failed: false,
  slow: false,
  latencyMs: 10,
  retryAfterSeconds: null,
}
const bad: Outcome = { ...good, failed: true }

function setUp() {
  const clock = new MemoryClock(1_000_000)
  const randomness = { hex: (bytes: number) => 'ab'.repeat(bytes), fraction: () => 0.5 }
  const objects = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const deferred: Promise<unknown>[] = []
  const ports = {
    ...makeExchange().ports,
    clock,
    timers: clock,
    randomness,
    upstreams: objects,
    defer: (work: Promise<unknown>) => void deferred.push(work),
  }
  const link = new UpstreamLink('users', 'isolate-1')
  const record = (outcome: Outcome) => link.record(ports, spec, outcome)
  const told = () => objects.reports.map(({ seq, tally }) => [seq, tally?.targets[0] ?? null])
  return { clock, objects, deferred, ports, link, record, told }
}

test('the first call of an isolate asks what the fleet knows, and the second does not', async () => {
  const { link, ports, clock, objects } = setUp()
  link.begin(ports, spec)
  link.begin(ports, spec)
  await clock.advance(0)
  expect(objects.reports).toMatchObject([{ isolate: 'isolate-1', seq: 0, tally: null, spec }])
})

test('what was counted is told after five seconds, with the call that is then', async () => {
  const { link, ports, clock, record, told } = setUp()
  link.begin(ports, spec)
  await clock.advance(10)
  record(good)
  await clock.advance(4_980)
  record(good)
  await clock.advance(10)
  expect(told()).toEqual([[0, null]])
  record(good)
  await clock.advance(0)
  expect(told()[1]).toMatchObject([1, { succeeded: 3 }])
})

test('a burst of failures is told at once, and then once a second', async () => {
  const { link, ports, clock, record, told } = setUp()
  link.begin(ports, spec)
  await clock.advance(1_000)
  record(bad)
  record(bad)
  await clock.advance(0)
  expect(told()).toHaveLength(1)
  record(bad)
  await clock.advance(500)
  for (let count = 0; count < 9; count += 1) record(bad)
  await clock.advance(0)
  expect(told()).toHaveLength(2)
  await clock.advance(500)
  record(bad)
  await clock.advance(0)
  expect(told().slice(1)).toMatchObject([
    [1, { failed: 3 }],
    [2, { failed: 10, failuresInRow: 13 }],
  ])
})

test('a report whose answer was lost is told again under its number, and counts once', async () => {
  const { link, ports, clock, objects, record } = setUp()
  link.begin(ports, spec)
  await clock.advance(5_000)
  objects.fault = 'mute'
  record(bad)
  await clock.advance(5_000)
  objects.fault = 'none'
  record(good)
  await clock.advance(5_000)
  record(good)
  await clock.advance(0)
  expect(objects.reports.map(({ seq }) => seq)).toEqual([0, 1, 1, 2])
  const { shown } = await objects.command('users', { spec, change: { kind: 'look' } })
  expect(shown.breaker).toMatchObject({ window: { requests: 2, failed: 0 } })
})

test('a report that could not be told for half a minute is dropped', async () => {
  const { link, ports, clock, objects, record } = setUp()
  link.begin(ports, spec)
  await clock.advance(5_000)
  objects.fault = 'away'
  record(bad)
  await clock.advance(31_000)
  objects.fault = 'none'
  record(good)
  await clock.advance(0)
  expect(objects.reports.at(-1)).toMatchObject({
    seq: 2,
    tally: { targets: [{ succeeded: 1, failed: 0 }] },
  })
})

test('one report is under way at a time', async () => {
  const { link, ports, clock, objects, record } = setUp()
  link.begin(ports, spec)
  await clock.advance(5_000)
  objects.delayMs = 2_000
  record(good)
  await clock.advance(1_000)
  for (let count = 0; count < 9; count += 1) record(bad)
  await clock.advance(2_900)
  expect(objects.reports).toHaveLength(2)
})

test('an urgent report that had to wait is told when the one before has landed', async () => {
  const { link, ports, clock, objects, record } = setUp()
  link.begin(ports, spec)
  await clock.advance(5_000)
  objects.delayMs = 100
  record(good)
  await clock.advance(10)
  for (let count = 0; count < 50; count += 1) record(bad)
  await clock.advance(400)
  expect(objects.reports.at(-1)).toMatchObject({ seq: 2, tally: { failuresInRow: 50 } })
})

test('a report whose request ended is not waited for for ever', async () => {
  const { link, ports, clock, objects, record } = setUp()
  link.begin(ports, spec)
  await clock.advance(5_000)
  // The runtime dropped it: neither an answer nor a timer ever comes.
  const never = new Promise<never>(() => {})
  const dead = { ...ports, upstreams: { ...objects, exchange: () => never } }
  link.record(
    { ...dead, timers: { after: () => ({ done: never, cancel() {} }) } } as never,
    spec,
    good,
  )
  await clock.advance(10_000)
  record(good)
  await clock.advance(0)
  expect(objects.reports.at(-1)).toMatchObject({ seq: 1 })
})

test('a message that fails rejects nothing', async () => {
  const { link, ports, clock, objects, deferred } = setUp()
  objects.fault = 'away'
  link.begin(ports, spec)
  await clock.advance(6_000)
  expect(await Promise.all(deferred)).toEqual([false])
})

test('what would open the breaker by itself is told at once', async () => {
  const { link, ports, clock, told } = setUp()
  const shares = { breaker: breakerRules({ minimumRequests: 4, failurePercent: 50 }) }
  const record = (outcome: Outcome) => link.record(ports, shares, outcome)
  link.begin(ports, shares)
  await clock.advance(10)
  for (const outcome of [good, bad, good]) record(outcome)
  await clock.advance(0)
  expect(told()).toHaveLength(1)
  record(bad)
  await clock.advance(0)
  expect(told()[1]).toMatchObject([1, { succeeded: 2, failed: 2 }])
  expect(link.locals.breaker.fleet?.phase).toBe('open')
})

test('slow calls that would open the breaker by themselves are told at once', async () => {
  const { link, ports, clock } = setUp()
  const rules = breakerRules({ minimumRequests: 4, slowCallMs: 5, slowPercent: 80 })
  link.begin(ports, { breaker: rules })
  await clock.advance(10)
  for (let count = 0; count < 4; count += 1) {
    link.record(ports, { breaker: rules }, { ...good, slow: true })
  }
  await clock.advance(0)
  expect(link.locals.breaker.fleet?.phase).toBe('open')
})

test('a share that the fleet does not have is told once a second', async () => {
  const { link, ports, clock, told } = setUp()
  const rules = breakerRules({ minimumRequests: 4, failurePercent: 50 })
  const other = new UpstreamLink('users', 'isolate-2')
  other.begin(ports, { breaker: rules })
  await clock.advance(0)
  for (let count = 0; count < 50; count += 1) other.record(ports, { breaker: rules }, good)
  other.tell(ports, { breaker: rules })
  await clock.advance(0)
  const before = told().length
  link.begin(ports, { breaker: rules })
  await clock.advance(10)
  for (let count = 0; count < 40; count += 1) {
    link.record(ports, { breaker: rules }, bad)
    await clock.advance(20)
  }
  expect(link.locals.breaker.fleet?.phase).toBe('closed')
  expect(told().length - before).toBeLessThanOrEqual(3)
})
