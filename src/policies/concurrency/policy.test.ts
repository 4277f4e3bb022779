import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeBindContext, makeExchange } from '../../../test/exchange.ts'
import type { Claim, Ticket } from '../../buckets/claims.ts'
import { type Refusal, refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Limit } from '../../pipeline/policy.ts'
import { definition } from './policy.ts'
import { type ConcurrencyOptions, concurrencySchema } from './schema.ts'

/** The runtime's own streams, of which Node has only the common one. */
class Fixed extends TransformStream<Uint8Array, Uint8Array> {
  constructor(length: number) {
    super()
    fixed.push(length)
  }
}
let fixed: number[] = []

beforeEach(() => {
  fixed = []
  vi.stubGlobal('IdentityTransformStream', TransformStream)
  vi.stubGlobal('FixedLengthStream', Fixed)
})
afterEach(() => vi.unstubAllGlobals())

function bind(options: Omit<ConcurrencyOptions, 'use'> = { limit: 2 }): Limit {
  const policy = definition.bind(
    { use: 'concurrency', ...options },
    makeBindContext({ name: 'slots' }),
  )
  if (policy.kind !== 'limit') throw new TypeError('not a limit')
  return policy
}

/** What an answer of a service becomes, and how often its slot was given back so far. */
async function conclude(answer: Answer, upstream: string | null = 'users') {
  const limit = bind()
  const exchange = makeExchange()
  exchange.event.upstream = upstream
  const [claim] = limit.claims(exchange) as readonly Claim[]
  let settled = 0
  const ticket: Ticket = {
    claim: claim as Claim,
    by: 'bucket',
    remaining: () => 0,
    resetMs: () => null,
    settle() {
      settled += 1
    },
    refund: () => {},
    leave: () => {},
    more: () => true,
    overdraw: () => {},
  }
  const concluded = await limit.conclude?.({ exchange, answer, tickets: [ticket] })
  return { concluded: concluded as Response | Refusal, settled: () => settled }
}

test('a request takes one slot, and a store that fails is counted around', () => {
  const [claim] = bind().claims(makeExchange()) as readonly Claim[]
  expect(claim).toMatchObject({
    label: 'slots',
    shape: { kind: 'slots', limit: 2 },
    cost: 1,
    onStoreFault: 'local',
  })
})

test('the slot is held until the body has ended', async () => {
  const { concluded, settled } = await conclude(new Response('hello'))
  expect(settled()).toBe(0)
  expect(await (concluded as Response).text()).toBe('hello')
  await vi.waitFor(() => expect(settled()).toBe(1))
})

test('a client that leaves in the middle of the body frees the slot, and the service is left too', async () => {
  let cancelled = false
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel() {
      cancelled = true
    },
  })
  const { concluded, settled } = await conclude(new Response(endless))
  await (concluded as Response).body?.cancel()
  await vi.waitFor(() => expect([settled(), cancelled]).toEqual([1, true]))
})

test('a body that breaks frees the slot and stays broken', async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) })
  const { concluded, settled } = await conclude(new Response(broken))
  await expect((concluded as Response).text()).rejects.toThrow()
  await vi.waitFor(() => expect(settled()).toBe(1))
})

test('status, fields and a known length stay as they were', async () => {
  const headers = { 'Content-Length': '5', 'X-Own': 'a' }
  const { concluded } = await conclude(new Response('hello', { status: 206, headers }))
  const response = concluded as Response
  expect(response.status).toBe(206)
  expect(response.headers.get('x-own')).toBe('a')
  expect(fixed).toEqual([5])
  expect(await response.text()).toBe('hello')
})

test('an encoded body has another length once the runtime encoded it anew', async () => {
  const headers = { 'Content-Length': '5', 'Content-Encoding': 'gzip' }
  await conclude(new Response('hello', { headers }))
  expect(fixed).toEqual([])
})

test('an answer without body frees the slot at once, and is not made anew', async () => {
  const answer = new Response(null, { status: 204 })
  const { concluded, settled } = await conclude(answer)
  expect(settled()).toBe(1)
  expect(concluded).toBe(answer)
})

test('what the gateway answers by itself is not wrapped', async () => {
  const answer = new Response('hello')
  const { concluded, settled } = await conclude(answer, null)
  expect(settled()).toBe(1)
  expect(concluded).toBe(answer)
})

test('a refusal is left to who asked', async () => {
  const refusal = refuse('UPSTREAM_TIMEOUT')
  const { concluded, settled } = await conclude(refusal)
  expect(concluded).toBe(refusal)
  expect(settled()).toBe(0)
})

test.each([[{}], [{ limit: 0 }], [{ limit: 5, plan: true }], [{ limit: 5, cost: 2 }]])(
  '%j is refused by the schema',
  (options) => {
    expect(concurrencySchema.safeParse({ use: 'concurrency', ...options }).success).toBe(false)
  },
)

test('a slot is refused with the code of its policy', () => {
  expect(bind().code).toBe('CONCURRENCY_LIMITED')
  expect(bind().holds).toBe(true)
})
