import { expect, test } from 'vitest'
import { streamOf } from '../../test/doubles/streams.ts'
import { type ExchangeParts, makeExchange } from '../../test/exchange.ts'
import type { Claim, Ticket } from '../buckets/claims.ts'
import { refuse } from '../errors/refusal.ts'
import type { Answer } from '../pipeline/exchange.ts'
import { bindCost, withCost } from './limit-cost.ts'
import { type CostSpec, costSchema } from './limit-cost-schema.ts'

const claim: Claim = {
  label: 'tokens',
  place: { policy: 'p', object: 'o', bucket: '', location: null },
  shape: { kind: 'rate', limit: 100, windowMs: 60_000, burst: 100 },
  cost: 10,
  storeTimeoutMs: 1000,
  onStoreFault: 'local',
}

/** A bucket with so many tokens beyond the reserve; `log` says what was done with the ticket. */
function makeTicket(beyond = 0) {
  const log: string[] = []
  let left = beyond
  const ticket: Ticket = {
    claim,
    by: 'bucket',
    remaining: () => left,
    resetMs: () => null,
    settle: (cost) => void log.push(`settle ${cost}`),
    refund: () => void log.push('refund'),
    leave: () => void log.push('leave'),
    overdraw: (cost) => void log.push(`overdraw ${cost}`),
    more(cost) {
      const isThere = left >= cost
      if (isThere) left -= cost
      log.push(`more ${cost}: ${isThere}`)
      return isThere
    },
  }
  return { ticket, log }
}

/** Deferred work is waited for, so that what happens at the end of a body is seen. */
function makeUse(answer: Answer, ticket: Ticket) {
  const work: Promise<unknown>[] = []
  const exchange = makeExchange({ route: 'users' })
  const ports = { ...exchange.ports, defer: (one: Promise<unknown>) => void work.push(one) }
  return { use: { exchange: { ...exchange, ports }, answer, tickets: [ticket] }, work }
}

async function conclude(cost: CostSpec, answer: Answer, beyond = 0) {
  const { ticket, log } = makeTicket(beyond)
  const { use, work } = makeUse(answer, ticket)
  const concluded = await bindCost(cost, 'RATE_LIMITED').conclude?.(use)
  return { answer: concluded, log, ended: () => Promise.all(work) }
}

const withParts = (cost: CostSpec, parts: ExchangeParts) =>
  withCost([claim], bindCost(cost, 'RATE_LIMITED'), makeExchange(parts)).map((one) => one.cost)

test('a fixed cost leaves the claims as they were made', () => {
  const claims = [claim]
  expect(withCost(claims, bindCost(3, 'RATE_LIMITED'), makeExchange())).toBe(claims)
  expect(bindCost(undefined, 'RATE_LIMITED').fixed).toBe(1)
})

test.each([
  ['5', 5],
  ['0', 0],
  ['', 1],
  ['many', 1],
  ['-3', 1],
  ['999999999999', 1_000_000_000],
])('a template that gives %j costs %i', (value, cost) => {
  expect(withParts('${query.n}', { url: `https://a.example/?n=${value}` })).toEqual([cost])
})

const byHeader: CostSpec = { response: { header: 'X-Cost' }, reserve: 10 }

test.each([
  ['3', ['settle 3']],
  ['10', ['settle 10']],
  ['14', ['overdraw 4', 'settle undefined']],
  ['free', ['settle 10']],
])('a field that says %s settles the reserve', async (value, expected) => {
  const { log } = await conclude(byHeader, new Response('ok', { headers: { 'x-cost': value } }))
  expect(log).toEqual(expected)
})

test.each<[string, CostSpec]>([
  ['header', byHeader],
  ['json', { response: { json: '/usage' }, reserve: 10 }],
])("the gateway's own problem costs the reserve by %s", async (_source, cost) => {
  expect((await conclude(cost, refuse('UPSTREAM_TIMEOUT'))).log).toEqual(['settle 10'])
})

const byJson: CostSpec = { response: { json: '/usage/total' }, reserve: 10 }

const json = (body: string, type = 'application/json') =>
  new Response(body, { headers: { 'content-type': type } })

test.each([
  ['{"usage":{"total":4}}', 'application/json', ['settle 4']],
  [
    '{"usage":{"total":40}}',
    'application/vnd.x+json; charset=utf-8',
    ['overdraw 30', 'settle undefined'],
  ],
  ['{"usage":{}}', 'application/json', ['settle 10']],
  ['{"usage', 'application/json', ['settle 10']],
  ['{"usage":{"total":4}}', 'text/plain', ['settle 10']],
])('the body %s of %s states the cost and goes on whole', async (body, type, expected) => {
  const { answer, log } = await conclude(byJson, json(body, type))
  expect(log).toEqual(expected)
  expect(await (answer as Response).text()).toBe(body)
})

test('a body too long to be read before it goes on costs the reserve, and goes on whole', async () => {
  const body = JSON.stringify({ filler: 'x'.repeat(1_100_000), usage: { total: 4 } })
  const { answer, log } = await conclude(byJson, json(body))
  expect(log).toEqual(['settle 10'])
  expect((await (answer as Response).text()).length).toBe(body.length)
})

const byBytes: CostSpec = { response: { bytes: 4 }, reserve: 10 }

function chunks(texts: readonly string[], type = 'text/plain'): Response {
  return new Response(streamOf(...texts), {
    headers: { 'content-type': type, 'content-length': '9' },
  })
}

test('a body within its reserve gives the rest back at its end', async () => {
  const { answer, log, ended } = await conclude(byBytes, chunks(['12345', '6789']))
  expect(log).toEqual([])
  expect(await (answer as Response).text()).toBe('123456789')
  await ended()
  expect(log).toEqual(['settle 3'])
})

test('a longer body takes more in steps, and what is left of the last goes back', async () => {
  const { answer, log, ended } = await conclude(
    byBytes,
    chunks(['x'.repeat(40), 'x'.repeat(10)]),
    50,
  )
  expect(await (answer as Response).text()).toBe('x'.repeat(50))
  await ended()
  expect(log).toEqual(['more 10: true', 'settle 13'])
})

test('where no whole step is left the body takes what it needs', async () => {
  const { answer, log, ended } = await conclude(byBytes, chunks(['x'.repeat(44)]), 3)
  await (answer as Response).text()
  await ended()
  expect(log).toEqual(['more 10: false', 'more 1: true', 'settle 11'])
})

test('a body without tokens breaks off, so that the client sees it', async () => {
  const { answer, log, ended } = await conclude(byBytes, chunks(['x'.repeat(40), 'x'.repeat(40)]))
  await expect((answer as Response).text()).rejects.toThrow()
  await ended()
  expect(log).toEqual(['more 10: false', 'settle 10'])
})

test('a stream of events without tokens ends with one that says why', async () => {
  const first = `data: ${'x'.repeat(32)}\n\n`
  const stream = chunks([first, 'data: more\n\n'], 'text/event-stream')
  const { answer, ended } = await conclude(byBytes, stream)
  const text = await (answer as Response).text()
  await ended()
  expect(text.startsWith(`${first}\n\nevent: error\ndata: {`)).toBe(true)
  expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    code: 'RATE_LIMITED',
    status: 429,
    route: 'users',
    'violated-policies': ['tokens'],
  })
})

test('the announced length of a body that may be cut off is taken back', async () => {
  const { answer } = await conclude(byBytes, chunks(['123']))
  expect((answer as Response).headers.has('content-length')).toBe(false)
})

test('a client that leaves in mid-stream pays for what was sent', async () => {
  const { answer, log, ended } = await conclude(byBytes, chunks(['1234', '5678', '9']))
  const reader = ((answer as Response).body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  await reader.cancel()
  await ended()
  expect(log).toHaveLength(1)
  expect(['settle 1', 'settle 2', 'settle 3']).toContain(log[0])
})

test('a service that breaks off breaks the answer off, and the tickets end', async () => {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new Error('reset')),
  })
  const { answer, log, ended } = await conclude(byBytes, new Response(body))
  await expect((answer as Response).text()).rejects.toThrow()
  await ended()
  expect(log).toEqual(['settle 0'])
})

test('an answer without body costs no bytes', async () => {
  expect((await conclude(byBytes, new Response(null, { status: 204 }))).log).toEqual(['settle 0'])
})

test('bytes are held until the body ends', () => {
  expect(bindCost(byBytes, 'RATE_LIMITED').holds).toBe(true)
  expect(bindCost(byJson, 'RATE_LIMITED').holds).toBe(false)
})

test.each([0, 5, '5', '${header.x-cost}', byHeader, byJson, byBytes])('cost takes %j', (cost) => {
  expect(costSchema.safeParse(cost).success).toBe(true)
})

test.each([
  -1,
  1.5,
  '${nobody}',
  { response: { header: 'X-Cost' } },
  { response: {}, reserve: 1 },
  { response: { header: 'X-Cost', bytes: 1 }, reserve: 1 },
  { response: { json: 'usage' }, reserve: 1 },
  { response: { bytes: 0 }, reserve: 1 },
  { response: { header: 'X-Cost' }, reserve: 0 },
])('cost does not take %j', (cost) => {
  expect(costSchema.safeParse(cost).success).toBe(false)
})
