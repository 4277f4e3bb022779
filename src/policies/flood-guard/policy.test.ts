import { expect, test } from 'vitest'
import { makeBindContext, makeExchange, START } from '../../../test/exchange.ts'
import { makeMemories } from '../../platform/memories.ts'
import type { Floods } from '../../platform/ports.ts'
import { definition } from './policy.ts'
import { type FloodGuardOptions, floodGuardSchema } from './schema.ts'

const once: FloodGuardOptions = { use: 'flood-guard', limit: 1, windowSeconds: 10 }

function bind(options: FloodGuardOptions = once, bindings: readonly string[] = []) {
  const made = makeBindContext({ name: 'flood' })
  const environment = {
    ...made.environment,
    rateLimiter: (name: string) => bindings.includes(name),
  }
  const policy = definition.bind(options, { ...made, environment })
  if (policy.kind !== 'gate') throw new TypeError('not a gate')
  const memories = makeMemories()
  const judge = (address: string | null, more: { now?: number; floods?: Floods } = {}) =>
    policy.judge(makeExchange({ client: { address }, memories, ...more }))
  return { judge, missed: made.missed }
}

test('the second request of an address is refused, with the time after which one is admitted', () => {
  const { judge } = bind()
  expect(judge('203.0.113.7')).toEqual({ kind: 'passed' })
  expect(judge('203.0.113.7')).toMatchObject({
    code: 'FLOOD_LIMITED',
    headers: { 'retry-after': '10' },
  })
  expect(judge('203.0.113.7', { now: START + 10_000 })).toEqual({ kind: 'passed' })
})

test('one address does not spend what another has', () => {
  const { judge } = bind()
  judge('203.0.113.7')
  expect(judge('203.0.113.8')).toEqual({ kind: 'passed' })
})

test('all addresses of one /64 are one client', () => {
  const { judge } = bind()
  judge('2001:db8::1')
  expect(judge('2001:db8::2')).toMatchObject({ code: 'FLOOD_LIMITED' })
  expect(judge('2001:db8:0:1::2')).toEqual({ kind: 'passed' })
})

test('requests without a known address share one count', () => {
  const { judge } = bind()
  judge(null)
  expect(judge(null)).toMatchObject({ code: 'FLOOD_LIMITED' })
})

const saying = (allows: Floods['allows']): Floods => ({ allows })

test('the binding of the platform is asked for what the isolate lets pass', async () => {
  const asked: string[] = []
  const { judge } = bind(once, ['FLOOD_GUARD'])
  const floods = saying(async (binding) => asked.push(binding) > 1)
  expect(await judge('203.0.113.7', { floods })).toMatchObject({
    code: 'FLOOD_LIMITED',
    headers: { 'retry-after': '1' },
  })
  expect(await judge('203.0.113.7', { floods })).toMatchObject({ code: 'FLOOD_LIMITED' })
  expect(await judge('203.0.113.8', { floods })).toEqual({ kind: 'passed' })
  expect(asked).toEqual(['FLOOD_GUARD', 'FLOOD_GUARD'])
})

test('a binding that fails lets pass what the isolate lets pass', async () => {
  const { judge } = bind(once, ['FLOOD_GUARD'])
  const floods = saying(() => Promise.reject(new Error('away')))
  expect(await judge('203.0.113.7', { floods })).toEqual({ kind: 'passed' })
  expect(await judge('203.0.113.7', { floods })).toMatchObject({ code: 'FLOOD_LIMITED' })
})

test('a binding that a table names and the Worker lacks is missed', () => {
  const { missed } = bind({ ...once, binding: 'OTHER' }, ['FLOOD_GUARD'])
  expect(missed).toEqual([['/routes/0/policies/0/binding', 'RATE_LIMITER_MISSING', 'OTHER']])
})

test('a Worker without any binding is not asked for one', () => {
  expect(bind().missed).toEqual([])
})

test('a burst larger than can be counted exactly is a problem of the document', () => {
  const written = { ...once, limit: 999_999_937, windowSeconds: 3_599, burst: 1_000_000_000 }
  const read = floodGuardSchema.safeParse(written)
  expect(read.success ? [] : read.error.issues.map(({ path }) => path)).toEqual([['limit']])
})
