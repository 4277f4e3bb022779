import { expect, test } from 'vitest'
import { answered, DrivenRun, failed, list, planOf } from '../../../../test/aggregate-run.ts'
import { makeExchange } from '../../../../test/exchange.ts'
import { MemoryClock, settled } from '../../../platform/memory/clock.ts'
import type { AggregatePlan } from '../plan/plan.ts'
import type { StreamForm } from './lines.ts'
import { bindStream } from './stream.ts'

const noCookies = { cookies: () => [] }

/** Begins a streamed answer; `next` gives the next chunk, `isDue` tells whether one is there without waiting. */
async function begin(plan: AggregatePlan, run: DrivenRun, form: StreamForm = 'ndjson') {
  const clock = new MemoryClock(1_000)
  const exchange = makeExchange({ route: 'page', url: 'https://api.example.com/page' })
  const timed = { ...exchange, ports: { ...exchange.ports, clock, timers: clock } }
  const opening = bindStream(plan, form, noCookies)(timed, run)
  await settled()
  return { opening, clock }
}

function read(answer: unknown) {
  const reader = (answer as Response).body!.getReader()
  const decoder = new TextDecoder()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? null : decoder.decode(value)
    },
    cancel: () => reader.cancel(),
  }
}

const user = { user: { required: true }, orders: {}, cart: {} }

test('the first required part is readable while all other calls hang', async () => {
  const { plan } = planOf({ slow: { required: true }, ...user })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('user', answered('{"id":7}'))
  const answer = (await opening) as Response
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await read(answer).next()).toBe('{"call":"user","status":200,"body":{"id":7}}\n')
})

test('each part is a line of its own as it came, and the last line says that all did', async () => {
  const { plan } = planOf({ a: {}, b: {} })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('b', answered('{\n  "n": 12345678901234567890,\r\n  "x": 1.0\n}', {}, { status: 201 }))
  const lines = read(await opening)
  expect(await lines.next()).toBe(
    '{"call":"b","status":201,"body":{  "n": 12345678901234567890,  "x": 1.0}}\n',
  )
  run.give('a', { kind: 'skipped', value: null })
  await settled()
  expect(await lines.next()).toBe(
    '{"call":"a","status":null,"body":null}\n{"complete":true,"errors":[]}\n',
  )
  expect(await lines.next()).toBeNull()
})

test('optional parts wait until all required ones are out', async () => {
  const { plan } = planOf({ cart: {}, user: { required: true }, shop: { required: true } })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('cart', answered('1'))
  await settled()
  run.give('shop', answered('2'))
  const lines = read(await opening)
  expect(await lines.next()).toBe('{"call":"shop","status":200,"body":2}\n')
  run.give('user', answered('3'))
  await settled()
  const rest = `${await lines.next()}${await lines.next()}`
  expect(rest).toBe(
    '{"call":"user","status":200,"body":3}\n{"call":"cart","status":200,"body":1}\n' +
      '{"complete":true,"errors":[]}\nnull',
  )
})

test('a failed optional part is a line with its default, and an entry of the last line', async () => {
  const { plan } = planOf({ user: { required: true }, cart: { default: { items: [] } } })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('cart', failed({ status: 504, code: 'UPSTREAM_TIMEOUT', title: 'Too late.' }))
  run.give('user', answered('7'))
  const text = await ((await opening) as Response).text()
  const type = 'https://api.example.com/_gateway/problems/upstream-timeout'
  expect(text.split('\n').map((line) => (line === '' ? null : JSON.parse(line)))).toEqual([
    { call: 'user', status: 200, body: 7 },
    { call: 'cart', status: 504, type, title: 'Too late.', body: { items: [] } },
    { complete: false, errors: [{ call: 'cart', status: 504, type, title: 'Too late.' }] },
    null,
  ])
})

test('with forEach there is a line for each item as it comes, and none twice', async () => {
  const { plan } = planOf({ product: { forEach: 'params.ids' } })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.giveItem('product', 1, answered('"b"'))
  const lines = read(await opening)
  expect(await lines.next()).toBe('{"call":"product","index":1,"status":200,"body":"b"}\n')
  run.give('product', list([failed(), answered('"b"')]))
  await settled()
  const rest = await lines.next()
  expect(
    rest
      ?.split('\n')
      .slice(0, 2)
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { call: 'product', index: 0, status: 500, body: null },
    { complete: false, errors: [{ call: 'product', index: 0, status: 500 }] },
  ])
})

test('a required call that fails before anything is sent is the problem of the request', async () => {
  const { plan } = planOf({ ...user, shop: { required: true } })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('orders', answered('1'))
  run.give('user', failed({ status: 404, code: 'CALL_NOT_FOUND' }))
  expect(await opening).toMatchObject({ code: 'CALL_NOT_FOUND', members: { call: 'user' } })
})

test('a required call that fails later is an error line and the end; the rest is called off', async () => {
  const { plan } = planOf({ ...user, shop: { required: true } })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('user', answered('7'))
  const lines = read(await opening)
  await lines.next()
  run.give('orders', answered('1'))
  run.give('shop', failed({ status: 500, title: 'Failed.' }))
  const [problem, end, rest] = ((await lines.next()) ?? '').split('\n')
  expect(JSON.parse(problem ?? '')).toMatchObject({
    error: { status: 502, code: 'CALL_FAILED', call: 'shop', instance: 'request-1', route: 'page' },
  })
  expect(JSON.parse(end ?? '')).toMatchObject({ complete: false, errors: [{ call: 'shop' }] })
  expect(rest).toBe('')
  expect(await lines.next()).toBeNull()
  expect(run.isCanceled).toBe(true)
})

test('server-sent events are named, and a silent stream has a comment every 15 s', async () => {
  const { plan } = planOf({ user: { required: true }, cart: {} })
  const run = new DrivenRun(plan)
  const { opening, clock } = await begin(plan, run, 'sse')
  run.give('user', answered('7'))
  const answer = (await opening) as Response
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const events = read(answer)
  expect(await events.next()).toBe('event: part\ndata: {"call":"user","status":200,"body":7}\n\n')
  for (const _ of [1, 2]) {
    let beat: string | null | undefined
    events.next().then((text) => {
      beat = text
    })
    await clock.advance(14_999)
    expect(beat).toBeUndefined()
    await clock.advance(1)
    expect(beat).toBe(':\n\n')
  }
  run.give('cart', answered('1'))
  await settled()
  expect(await events.next()).toBe(
    'event: part\ndata: {"call":"cart","status":200,"body":1}\n\n' +
      'event: end\ndata: {"complete":true,"errors":[]}\n\n',
  )
  expect(await events.next()).toBeNull()
})

test('lines of JSON have no comments', async () => {
  const { plan } = planOf({ user: { required: true }, cart: {} })
  const run = new DrivenRun(plan)
  const { opening, clock } = await begin(plan, run)
  run.give('user', answered('7'))
  const lines = read(await opening)
  await lines.next()
  let isThere = false
  lines.next().then(() => {
    isThere = true
  })
  await clock.advance(60_000)
  expect(isThere).toBe(false)
})

test('a client that leaves calls the run off', async () => {
  const { plan } = planOf(user)
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  run.give('user', answered('7'))
  const lines = read(await opening)
  await lines.next()
  const waiting = lines.next()
  expect(run.isCanceled).toBe(false)
  await lines.cancel()
  expect(run.isCanceled).toBe(true)
  expect(await waiting).toBeNull()
})

test('what a slow client has not read waits as it is, and comes in one piece', async () => {
  const { plan } = planOf({ a: {}, b: {}, c: {} })
  const run = new DrivenRun(plan)
  const { opening } = await begin(plan, run)
  for (const name of ['a', 'b', 'c']) run.give(name, answered('0'))
  const lines = read(await opening)
  await settled()
  expect((await lines.next())?.match(/\n/g)?.length).toBe(4)
  expect(await lines.next()).toBeNull()
})

test('HEAD gets the fields once the status is known, and calls the rest off', async () => {
  const { plan } = planOf(user)
  const run = new DrivenRun(plan)
  const exchange = makeExchange({ method: 'HEAD' })
  const opening = bindStream(plan, 'ndjson', noCookies)(exchange, run)
  run.give('user', answered('7'))
  const answer = (await opening) as Response
  expect(answer.body).toBeNull()
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  expect(run.isCanceled).toBe(true)
})

test('a bug before the answer is that of the request; afterwards it breaks the stream behind a problem', async () => {
  const { plan } = planOf(user)
  const early = new DrivenRun(plan)
  const { opening } = await begin(plan, early)
  early.fail(new Error('a bug'))
  await expect(opening).rejects.toThrow('a bug')
  const late = new DrivenRun(plan)
  const begun = await begin(plan, late)
  late.give('user', answered('7'))
  const lines = read(await begun.opening)
  await lines.next()
  late.fail(new Error('a bug'))
  expect(await lines.next()).toContain('"code":"INTERNAL_ERROR"')
  await expect(lines.next()).rejects.toThrow('a bug')
})

test('a client whose connection breaks while nothing is read calls the run off', async () => {
  const { plan } = planOf(user)
  const run = new DrivenRun(plan)
  const leaving = new AbortController()
  const exchange = makeExchange()
  const request = new Request('https://api.example.com/', { signal: leaving.signal })
  const opening = bindStream(plan, 'ndjson', noCookies)({ ...exchange, request }, run)
  run.give('user', answered('7'))
  await opening
  leaving.abort()
  expect(run.isCanceled).toBe(true)
})
