import { expect, test } from 'vitest'
import { breakerRules } from '../breaker/rules.ts'
import { type TimedNotice, UpstreamBook } from './book.ts'
import type { UpstreamReport } from './messages.ts'
import type { FleetPart } from './part.ts'

const spec = { breaker: breakerRules({ consecutiveFailures: 3, openSeconds: 30 }) }

const report = (more: Partial<UpstreamReport> = {}): UpstreamReport => ({
  isolate: 'i1',
  seq: 1,
  spec,
  tally: {
    requests: 0,
    retries: 0,
    failuresInRow: 2,
    retryAfterSeconds: null,
    targets: [
      { target: 'http://a', succeeded: 0, failed: 2, slow: 0, failuresInRow: 2, latencyMs: null },
    ],
  },
  words: {},
  ...more,
})

const idleIo = {
  network: { send: async () => new Response(null), sendTo: async () => new Response(null) },
  environment: {
    variable: () => undefined,
    secret: () => undefined,
    service: () => 'absent' as const,
  },
  timers: { after: () => ({ done: new Promise<void>(() => {}), cancel: () => {} }) },
} as const

function setUp(storage = new Map<string, unknown>(), fleet?: Record<string, unknown>) {
  const time = { now: 1_000 }
  const told: TimedNotice[] = []
  const woken: (number | null)[] = []
  const writes: string[] = []
  const parts = {
    clock: { now: () => time.now },
    randomness: { hex: () => 'ab', fraction: () => 0.5 },
    storage: {
      read: (key: string) => storage.get(key) ?? null,
      write: (key: string, value: unknown) => {
        writes.push(key)
        storage.set(key, value)
      },
      delete: (key: string) => void storage.delete(key),
    },
    wakeAt: (at: number | null) => void woken.push(at),
    tell: (notice: TimedNotice) => void told.push(notice),
  }
  return { book: new UpstreamBook(parts, fleet), time, told, woken, writes, storage }
}

test('reports of several isolates add up', () => {
  const { book, told } = setUp()
  expect(book.exchange(report()).views.breaker).toMatchObject({ phase: 'closed' })
  const { views, nextMs } = book.exchange(report({ isolate: 'i2' }))
  expect([views.breaker, nextMs]).toMatchObject([{ phase: 'open', forMs: 30_000 }, 5_000])
  expect(told).toEqual([
    {
      time: '1970-01-01T00:00:01.000Z',
      notice: 'breaker',
      from: 'closed',
      to: 'open',
      reason: 'consecutive-failures',
      forSeconds: 30,
    },
  ])
})

test('a report that comes twice counts once', () => {
  const { book } = setUp()
  book.exchange(report())
  expect(book.exchange(report()).views.breaker).toMatchObject({ phase: 'closed' })
})

test('a message that only asks counts nothing, whatever it carries', () => {
  const { book } = setUp()
  book.exchange(report())
  expect(book.exchange(report({ seq: 0 })).views.breaker).toMatchObject({ phase: 'closed' })
})

test('while it is closed nothing is written', () => {
  const { book, writes } = setUp()
  book.exchange(report())
  expect(writes).toEqual([])
})

test('what is open survives a sleep, and what was closed again leaves nothing behind', () => {
  const { book, storage } = setUp()
  book.exchange(report())
  book.exchange(report({ seq: 2 }))
  const again = setUp(storage)
  again.time.now = 11_000
  expect(again.book.exchange(report({ seq: 0 })).views.breaker).toMatchObject({
    phase: 'open',
    forMs: 20_000,
  })
  again.book.command({ spec, change: { kind: 'reset' } })
  expect([...storage.keys()]).toEqual(['notices'])
})

test('a restart within half-open gives no permit twice', () => {
  const { book, storage, time } = setUp()
  book.exchange(report())
  book.exchange(report({ seq: 2 }))
  time.now = 40_000
  const words = { breaker: { era: 0, probes: [], wants: 3, probeMs: 5_000 } }
  const asked = book.exchange(report({ seq: 0, tally: null, words }))
  expect(asked.views.breaker?.tokens).toHaveLength(3)
  const again = setUp(storage)
  again.time.now = 40_001
  const { views } = again.book.exchange(report({ seq: 0, tally: null, words }))
  expect(views.breaker?.tokens).toEqual([])
})

test('the last twenty changes are kept, newest first', () => {
  const { book } = setUp()
  for (let count = 0; count < 15; count += 1) {
    book.command({ spec, change: { kind: 'force', state: 'open' } })
    book.command({ spec, change: { kind: 'reset' } })
  }
  const { notices } = book.command({ spec, change: { kind: 'look' } })
  expect(notices).toHaveLength(20)
  expect(notices[0]).toMatchObject({ from: 'forced-open', to: 'closed' })
})

test('isolates that reported within a minute are counted', () => {
  const { book, time } = setUp()
  book.exchange(report())
  time.now += 50_000
  book.exchange(report({ isolate: 'i2' }))
  expect(book.command({ spec, change: { kind: 'look' } }).isolates).toBe(2)
  time.now += 20_000
  expect(book.command({ spec, change: { kind: 'look' } }).isolates).toBe(1)
})

interface Every {
  readonly everyMs: number
}

interface Watching {
  readonly next: number
  readonly asked: number
}

test('a part that asks to be woken is woken when it is time', async () => {
  const watch: FleetPart<Every, null, Watching, null, null, number> = {
    begin: (_kept, now) => ({ next: now + 100, asked: 0 }),
    exchange: (state) => ({ state, view: null }),
    keep: () => null,
    wakeAt: ({ next }) => next,
    async work(_state, _context, io) {
      const call = { url: 'http://a/health', method: 'GET', headers: {}, body: null, signal: null }
      return (await io.network.send(call)).status
    },
    absorb: (state, status, { options, now }) => ({
      state: { next: now + options.everyMs, asked: state.asked + status },
    }),
    show: ({ asked }) => asked,
  }
  const { book, time, woken, storage } = setUp(new Map(), { watch })
  const watched = { watch: { everyMs: 500 } } as never
  book.exchange(report({ spec: watched }))
  book.exchange(report({ seq: 2, spec: watched }))
  expect(woken).toEqual([1_100])
  expect(storage.get('spec')).toEqual({ watch: { everyMs: 500 } })
  time.now = 1_100
  await book.wake(idleIo)
  // Between the two: the guard of work that never ends.
  expect(woken).toEqual([1_100, 301_100, 1_600])
  expect(book.command({ spec: watched, change: { kind: 'look' } }).shown).toEqual({ watch: 200 })
})
