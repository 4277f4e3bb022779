/** What a call comes to: its answer read, or why it failed, and what the event says of it. */
import { expect, test } from 'vitest'
import { type AggregateParts, makeAggregate, type SentCall } from '../../../../test/aggregates.ts'
import { MemoryClock, settled } from '../../../platform/memory/clock.ts'

type Answer = (call: SentCall) => Response | Promise<Response>

/** The one call `it`, and its entry in `errors`. */
async function callOnce(answer: Answer, it: object = {}, parts: Partial<AggregateParts> = {}) {
  const gateway = makeAggregate({
    calls: { it: { upstream: 'a', path: '/it', ...it } },
    ...parts,
    answer,
  })
  const got = await gateway.get()
  const [error] = (got.json.errors ?? []) as { status: number; type: string; title: string }[]
  const code = error?.type.split('/').at(-1)?.replaceAll('-', '_').toUpperCase()
  return { ...got, gateway, error, code, value: got.json.it, told: got.event?.calls?.[0] }
}

const typed = (text: string, type: string) =>
  new Response(text, { headers: { 'content-type': type } })

test.each([
  ['application/json', '{"a":1}', { a: 1 }],
  ['application/problem+json; charset=utf-8', '[1]', [1]],
  ['text/json', '2', 2],
])('a body of %s is read as JSON', async (type, text, value) => {
  expect((await callOnce(() => typed(text, type))).value).toEqual(value)
})

test('a body without media type is taken to be JSON', async () => {
  const bytes = new TextEncoder().encode('{"a":1}')
  expect((await callOnce(() => new Response(bytes))).value).toEqual({ a: 1 })
})

test('a byte order mark and other character sets are read', async () => {
  const marked = new TextEncoder().encode('\uFEFF{"a":1}')
  expect((await callOnce(() => new Response(marked))).value).toEqual({ a: 1 })
  const latin = new Uint8Array([0x22, 0xe4, 0x22])
  const headers = { 'content-type': 'application/json; charset=iso-8859-1' }
  expect((await callOnce(() => new Response(latin, { headers }))).value).toBe('ä')
})

test.each([
  ['text/html', '<p>hello</p>'],
  ['application/json', '{"a":'],
  ['application/json', 'NaN'],
])('a body of %s that is no JSON has failed: %s', async (type, text) => {
  const { code, error, value } = await callOnce(() => typed(text, type), { default: [] })
  expect([code, error?.status, value]).toEqual(['UPSTREAM_BODY_INVALID', 502, []])
})

test('bytes that are no text in their character set have failed', async () => {
  const bytes = new Uint8Array([0x22, 0xff, 0x22])
  expect((await callOnce(() => new Response(bytes))).code).toBe('UPSTREAM_BODY_INVALID')
})

test('text and XML are read where the call says so', async () => {
  expect((await callOnce(() => typed('hello', 'text/plain'), { from: 'text' })).value).toBe('hello')
  const xml = '<cart><item id="1">x</item></cart>'
  const { value } = await callOnce(() => typed(xml, 'text/xml'), { from: 'xml' })
  expect(value).toEqual({ cart: { item: { '@id': '1', '#text': 'x' } } })
  const evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
  const refused = await callOnce(() => typed(evil, 'text/xml'), { from: 'xml' })
  expect(refused.code).toBe('UPSTREAM_BODY_INVALID')
})

test.each([
  new Response(null, { status: 204 }),
  new Response('', { headers: { 'content-type': 'text/html', 'content-length': '0' } }),
  new Response(''),
])('no content is null', async (response) => {
  const { value, json } = await callOnce(() => response)
  expect([value, json.errors]).toEqual([null, undefined])
})

test.each([
  [404, 'CALL_NOT_FOUND', 404],
  [429, 'CALL_LIMITED', 429],
  [400, 'CALL_FAILED', 400],
  [500, 'CALL_FAILED', 500],
  [503, 'CALL_FAILED', 503],
])('an answer %d is a failure', async (status, code, shown) => {
  let isCanceled = false
  const body = new ReadableStream({
    cancel() {
      isCanceled = true
    },
  })
  const { error, code: found } = await callOnce(() => new Response(body, { status }))
  expect([found, error?.status, isCanceled]).toEqual([code, shown, true])
})

test('no answer is a failure', async () => {
  const { code, error } = await callOnce(() => Promise.reject(new Error('lost')))
  expect([code, error?.status]).toEqual(['UPSTREAM_UNREACHABLE', 502])
})

test('a body that is longer than it may be is called off', async () => {
  let isCanceled = false
  let count = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      count += 1
      controller.enqueue(new Uint8Array(40))
    },
    cancel() {
      isCanceled = true
    },
  })
  const { code } = await callOnce(
    () => new Response(body),
    {},
    { aggregate: { maxBodyBytes: 100 } },
  )
  expect([code, isCanceled]).toEqual(['UPSTREAM_BODY_TOO_LARGE', true])
  expect(count).toBeLessThan(6)
  const declared = new Response('"x"', {
    headers: { 'content-length': '101', 'content-type': 'application/json' },
  })
  const refused = await callOnce(() => declared, {}, { aggregate: { maxBodyBytes: 100 } })
  expect(refused.code).toBe('UPSTREAM_BODY_TOO_LARGE')
})

test('a body that breaks off is a failure', async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"a"'))
      controller.error(new Error('reset'))
    },
  })
  expect((await callOnce(() => new Response(body))).code).toBe('UPSTREAM_UNREACHABLE')
})

/** Headers at once, and a body that never ends. */
const endless = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))

test.each([
  ['the call', { timeoutMs: 50 }, {}, 50],
  ['the whole', {}, { timeoutMs: 70 }, 70],
  ['nobody, after 30 s', {}, {}, 30_000],
])('a body that never ends is bounded by %s', async (_, it, aggregate, ms) => {
  const clock = new MemoryClock()
  const gateway = makeAggregate({
    calls: { it: { upstream: 'a', path: '/it', ...it }, other: { upstream: 'b', path: '/other' } },
    aggregate,
    given: { clock },
    answer: ({ upstream }) => (upstream === 'a' ? endless() : Response.json(1)),
  })
  const asked = gateway.get()
  // The short body is read by turns of the loop, not of this clock.
  await new Promise((resolve) => setTimeout(resolve, 20))
  await clock.advance(ms - 1)
  expect(gateway.events).toEqual([])
  await clock.advance(1)
  const { json } = await asked
  expect(json).toMatchObject({ it: null, other: 1, errors: [{ call: 'it', status: 504 }] })
})

test('a call whose headers do not come in its time is a 504', async () => {
  const hangs: Answer = () => new Promise(() => {})
  const { code, error } = await callOnce(hangs, { timeoutMs: 20 })
  expect([code, error?.status]).toEqual(['UPSTREAM_TIMEOUT', 504])
})

test('a call is left out where `when` does not hold, which is no failure', async () => {
  const made = (when: unknown) => callOnce(() => Response.json(1), { when, default: 'none' })
  expect(await made('false')).toMatchObject({ value: 'none', told: { status: null, tries: 0 } })
  expect((await made('$query.none')).headers.get('isogate-complete')).toBe('true')
  expect((await made("$params.id = '7'")).value).toBe(1)
  expect((await made('[]')).value).toBe('none')
  expect((await made({ headers: { 'x-beta': '1' } })).value).toBe('none')
  expect((await made({ methods: ['GET'] })).value).toBe(1)
})

test('a condition that fails is a failure of the call', async () => {
  const { code, gateway } = await callOnce(() => Response.json(1), { when: "$number('x')" })
  expect([code, gateway.sent.length]).toEqual(['TRANSFORM_FAILED', 0])
})

test('later calls see what a call came to, also where it failed or was left out', async () => {
  const gateway = makeAggregate({
    calls: {
      bad: { upstream: 'a', path: '/bad', default: { id: 0 } },
      out: { upstream: 'a', path: '/out', when: 'false', default: 'none' },
      it: {
        upstream: 'b',
        path: '/it',
        method: 'POST',
        json: {
          status: '${bad.status}',
          header: '${bad.headers.x-kind}',
          id: '${bad.body.id}',
          out: ['${out.status}', '${out.body}'],
        },
      },
    },
    answer: ({ upstream }) =>
      Response.json({}, { status: upstream === 'a' ? 404 : 200, headers: { 'x-kind': 'k' } }),
  })
  await gateway.get()
  expect(JSON.parse(gateway.sent.at(-1)?.body ?? '')).toEqual({
    status: 404,
    header: 'k',
    id: 0,
    out: [null, 'none'],
  })
})

test('the event has a line for each call', async () => {
  const gateway = makeAggregate({
    calls: {
      good: { upstream: 'a', path: '/good' },
      bad: { upstream: 'b', path: '/bad' },
      each: { upstream: 'c', path: '/${item}', forEach: '[1, 2]' },
    },
    answer: ({ upstream }) => Response.json({}, { status: upstream === 'b' ? 404 : 200 }),
  })
  const { event } = await gateway.get()
  const line = { ms: 0, tries: 1, cache: null, items: null, error: null, status: 200 }
  const calls = [...(event?.calls ?? [])].sort((one, two) => (one.upstream < two.upstream ? -1 : 1))
  expect(calls).toEqual([
    { ...line, call: 'good', upstream: 'a' },
    { ...line, call: 'bad', upstream: 'b', status: 404, error: 'CALL_NOT_FOUND' },
    { ...line, call: 'each', upstream: 'c', items: 2, tries: 2 },
  ])
  expect(event?.tries).toBe(4)
})

test('a hundred calls of a hundred kilobytes are one answer', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `c${index}`)
  const text = JSON.stringify('x'.repeat(100_000))
  const gateway = makeAggregate({
    calls: Object.fromEntries(names.map((name) => [name, { upstream: 'a', path: `/${name}` }])),
    answer: () => typed(text, 'application/json'),
  })
  const { json, headers } = await gateway.get()
  expect(Object.keys(json)).toEqual(names)
  expect(headers.get('isogate-complete')).toBe('true')
  await settled()
})
