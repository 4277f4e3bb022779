import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { refuse } from '../errors/refusal.ts'
import { compose, type Step } from './compose.ts'
import type { Exchange } from './exchange.ts'
import { type BoundPolicy, passed } from './policy.ts'

const ok = () => new Response('ok')
const always = { when: null, mode: 'enforce', resolve: () => null } as const

function gate(
  name: string,
  judge: () => ReturnType<Extract<BoundPolicy, { kind: 'gate' }>['judge']>,
): Step {
  return { ...always, name, policy: { kind: 'gate', judge } }
}

function edit(name: string, apply: (exchange: Exchange) => void): Step {
  return {
    ...always,
    name,
    policy: {
      kind: 'edit',
      apply(exchange) {
        apply(exchange)
        return passed
      },
    },
  }
}

test('policies run in order and the end answers', async () => {
  const seen: string[] = []
  const run = compose([edit('a', () => seen.push('a')), edit('b', () => seen.push('b'))], () => {
    seen.push('end')
    return ok()
  })
  await run(makeExchange())
  expect(seen).toEqual(['a', 'b', 'end'])
})

test('a gate that refuses ends the way, and the event says so', async () => {
  const exchange = makeExchange()
  const answer = await compose([gate('door', () => refuse('ADDRESS_DENIED'))], ok)(exchange)
  expect(answer).toMatchObject({ kind: 'refused', code: 'ADDRESS_DENIED' })
  expect(exchange.event.policies).toEqual({ door: 'refused' })
})

test('a gate may answer later', async () => {
  const exchange = makeExchange()
  const late = gate('door', () => Promise.resolve(refuse('ADDRESS_DENIED')))
  expect(await compose([late], ok)(exchange)).toMatchObject({ code: 'ADDRESS_DENIED' })
  const open = gate('door', () => Promise.resolve(passed))
  expect(await compose([open], ok)(makeExchange())).toBeInstanceOf(Response)
})

test('a gate in shadow mode notes what it would do and lets pass', async () => {
  const exchange = makeExchange()
  const steps: Step[] = [
    { ...gate('strict', () => refuse('ADDRESS_DENIED')), mode: 'shadow' },
    { ...gate('late', () => Promise.resolve(refuse('ADDRESS_DENIED'))), mode: 'shadow' },
    { ...gate('mild', () => passed), mode: 'shadow' },
  ]
  expect(await compose(steps, ok)(exchange)).toBeInstanceOf(Response)
  expect(exchange.event.policies).toEqual({
    strict: 'would-refuse',
    late: 'would-refuse',
    mild: 'would-pass',
  })
})

test('a gate that throws in shadow mode harms nobody', async () => {
  const exchange = makeExchange()
  const steps: Step[] = [
    {
      ...gate('now', () => {
        throw new Error('a bug')
      }),
      mode: 'shadow',
    },
    { ...gate('later', () => Promise.reject(new Error('a bug'))), mode: 'shadow' },
  ]
  expect(await compose(steps, ok)(exchange)).toBeInstanceOf(Response)
  expect(exchange.event.policies).toEqual({ now: 'failed', later: 'failed' })
})

test('an edit in shadow mode leaves request and answer as they are', async () => {
  const exchange = makeExchange({ url: 'https://api.example.com/a', headers: { 'x-a': '1' } })
  const change = edit('change', ({ outgoing, answer }) => {
    outgoing.path = '/b'
    outgoing.headers['x-a'] = '2'
    answer.push({ kind: 'set', name: 'x-b', value: '3' })
  })
  await compose([{ ...change, mode: 'shadow' }], ok)(exchange)
  expect(exchange.outgoing.path).toBe('/a')
  expect(exchange.outgoing.headers['x-a']).toBe('1')
  expect(exchange.answer).toEqual([])
  expect(exchange.event.policies).toEqual({ change: 'would-change' })
})

test('a policy whose condition does not hold does not run', async () => {
  const when: Step['when'] = {
    holds: ({ method }) => method === 'POST',
    body: null,
  }
  const run = compose([{ ...gate('door', () => refuse('ADDRESS_DENIED')), when }], ok)
  expect(await run(makeExchange({ method: 'GET' }))).toBeInstanceOf(Response)
  expect(await run(makeExchange({ method: 'POST' }))).toMatchObject({ code: 'ADDRESS_DENIED' })
})

test('a condition on the body reads it first, and a body that cannot be read ends the way', async () => {
  const when: Step['when'] = {
    holds: ({ body }) => body.kind === 'json' && body.value === 1,
    body: { mayHold: ({ method }) => method === 'POST', limitBytes: 4 },
  }
  const run = compose([{ ...gate('door', () => refuse('ADDRESS_DENIED')), when }], ok)
  const post = (body: string) =>
    makeExchange({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode(body).buffer as ArrayBuffer,
    })
  expect(await run(post('1'))).toMatchObject({ code: 'ADDRESS_DENIED' })
  expect(await run(post('2'))).toBeInstanceOf(Response)
  expect(await run(post('12345'))).toMatchObject({ code: 'BODY_TOO_LARGE' })
  expect(await run(makeExchange({ method: 'PUT' }))).toBeInstanceOf(Response)
})

test('an edit in shadow mode meets fields that inherit nothing', async () => {
  let found: unknown = 'nothing'
  const look = edit('look', ({ outgoing }) => {
    found = outgoing.headers.constructor
  })
  await compose([{ ...look, mode: 'shadow' }], ok)(makeExchange())
  expect(found).toBeUndefined()
})

test('a wrap stands around the rest, and watches it in shadow mode', async () => {
  const policy: BoundPolicy = {
    kind: 'wrap',
    around: () => new Response('mine'),
    shadow: (exchange, next) => next(exchange),
  }
  const enforced = await compose([{ ...always, name: 'w', policy }], ok)(makeExchange())
  expect(await (enforced as Response).text()).toBe('mine')
  const watched = await compose(
    [{ ...always, name: 'w', mode: 'shadow', policy }],
    ok,
  )(makeExchange())
  expect(await (watched as Response).text()).toBe('ok')
})
