/** Calls of one request side by side: each has the whole call pipeline to itself, and all have six connections. */
import { expect, test } from 'vitest'
import { makeAggregate, type SentCall } from '../../../../test/aggregates.ts'
import { settled } from '../../../platform/memory/clock.ts'

const fails = () => Response.json({}, { status: 503 })

const retry = { attempts: 2, budgetPercent: 100 }

test('one call is tried again and another falls back, and neither tells of the other', async () => {
  const gateway = makeAggregate({
    calls: {
      again: { upstream: 'a', path: '/again' },
      instead: { upstream: 'b', path: '/instead' },
      plain: { upstream: 'c', path: '/plain' },
    },
    upstreams: {
      a: { retry },
      b: { retry, fallback: [{ respond: { status: 200, json: { by: 'respond' } } }] },
    },
    answer: ({ upstream, path }, count) =>
      upstream === 'b' || (upstream === 'a' && count <= 3) ? fails() : Response.json(path),
  })
  const { json, event, headers } = await gateway.get()
  expect(json).toEqual({ again: '/again', instead: { by: 'respond' }, plain: '/plain' })
  const calls = [...(event?.calls ?? [])].sort((one, two) => (one.upstream < two.upstream ? -1 : 1))
  expect(calls.map(({ tries, status, error }) => [tries, status, error])).toEqual([
    [2, 200, null],
    [2, 200, null],
    [1, 200, null],
  ])
  // The fixed answer stands in for the service: nobody may keep the whole.
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('isogate-complete')).toBe('true')
  expect(event?.fallback).toBeNull()
  expect(event?.breaker).toBeNull()
})

test('a fallback to another upstream has the request of the call, without what the first one wrote', async () => {
  const gateway = makeAggregate({
    calls: { it: { upstream: 'a', path: '/it', method: 'PUT', json: { n: 1 } } },
    upstreams: { a: { headers: { 'X-Key': 'a' }, fallback: [{ upstream: 'b' }] } },
    answer: ({ upstream }) => (upstream === 'a' ? fails() : Response.json('b')),
  })
  expect((await gateway.get()).json.it).toBe('b')
  const [, second] = gateway.sent
  expect([second?.path, second?.body, second?.headers['x-key']]).toEqual([
    '/it',
    '{"n":1}',
    undefined,
  ])
})

test('a call that is called off does not fall back, nor is it tried again', async () => {
  const gateway = makeAggregate({
    calls: {
      needed: { upstream: 'a', path: '/needed', required: true },
      slow: { upstream: 'b', path: '/slow' },
    },
    upstreams: { b: { retry, fallback: [{ upstream: 'c' }] } },
    answer: ({ upstream, signal }) =>
      upstream === 'a'
        ? Response.json({}, { status: 404 })
        : new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
          }),
  })
  expect((await gateway.get()).status).toBe(404)
  await settled()
  expect(gateway.sent.map(({ upstream }) => upstream).sort()).toEqual(['a', 'b'])
})

test('an open breaker fails its own call alone, and nothing is sent for it', async () => {
  const breaker = { consecutiveFailures: 1, openSeconds: 30 }
  const gateway = makeAggregate({
    calls: { bad: { upstream: 'a', path: '/bad' }, good: { upstream: 'b', path: '/good' } },
    upstreams: { a: { breaker }, b: { breaker } },
    answer: ({ upstream }) => (upstream === 'a' ? fails() : Response.json('good')),
  })
  await gateway.get()
  const { json, event } = await gateway.get()
  expect(json.good).toBe('good')
  expect(json.errors).toEqual([
    expect.objectContaining({
      call: 'bad',
      status: 503,
      type: expect.stringMatching(/breaker-open$/),
    }),
  ])
  expect(gateway.sent.filter(({ upstream }) => upstream === 'a')).toHaveLength(1)
  expect(event?.calls?.find(({ call }) => call === 'bad')).toMatchObject({
    error: 'BREAKER_OPEN',
    tries: 0,
  })
})

test('a call that may not be repeated is not', async () => {
  const post = { upstream: 'a', path: '/it', method: 'POST', json: {} }
  const gateway = makeAggregate({
    calls: { it: post },
    upstreams: { a: { retry } },
    answer: () => fails(),
  })
  await gateway.get()
  expect(gateway.sent).toHaveLength(1)
})

test('six subrequests of a request wait at once at most, five of them fetches, whatever they do', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `c${index}`)
  const upstreamOf = (index: number) => (['a', 'b', 'c', 'd'] as const)[index % 4] ?? 'a'
  let count = 0
  const answer = async ({ path }: SentCall) => {
    count += 1
    const isBad = count % 3 === 0
    await new Promise((resolve) => setTimeout(resolve, 1 + (count % 4)))
    return Response.json(path, { status: isBad ? 503 : 200 })
  }
  const gateway = makeAggregate({
    calls: Object.fromEntries(
      names.map((name, index) => [
        name,
        {
          upstream: upstreamOf(index),
          path: `/${name}`,
          ...(index % 2 === 0 ? { cache: { ttlSeconds: 60 } } : {}),
        },
      ]),
    ),
    upstreams: {
      a: { retry, breaker: { consecutiveFailures: 100, openSeconds: 1 } },
      b: { retry, hedge: { afterMs: 1 } },
      c: { breaker: { consecutiveFailures: 1000, openSeconds: 1 } },
      d: { ejection: { consecutiveFailures: 100 } },
    },
    answer,
  })
  await gateway.get()
  expect(gateway.sent.length).toBeGreaterThanOrEqual(30)
  expect(gateway.peaks.fetches).toBe(5)
  expect(gateway.peaks.all).toBe(6)
})

test('the trace and the id are those of the request, in each call', async () => {
  const gateway = makeAggregate({
    calls: { one: { upstream: 'a', path: '/1' }, two: { upstream: 'b', path: '/2' } },
  })
  const { event } = await gateway.get()
  const parents = gateway.sent.map(({ headers }) => headers.traceparent)
  expect(parents).toEqual(Array(2).fill(`00-${event?.trace}-${event?.span}-01`))
})
