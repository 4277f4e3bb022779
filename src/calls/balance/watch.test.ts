import { expect, test } from 'vitest'
import { makeCall } from '../../../test/call.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Answer } from '../../pipeline/exchange.ts'
import type { Call } from '../call.ts'
import { makeGauge } from './gauge-core.ts'
import { bindWatch } from './watch.ts'

const never = new Promise<Answer>(() => {})

function watched(answer: Promise<Answer>, more: Partial<Call> = {}) {
  const gauge = makeGauge()
  const call = Object.assign(makeCall({}), more)
  const work = bindWatch(() => answer, { gauge: () => gauge })(call)
  return { gauge, work }
}

test('a call is in flight until its answer is there', async () => {
  const { gauge, work } = watched(Promise.resolve(new Response('ok')))
  expect(gauge.inFlight).toBe(1)
  await work
  expect(gauge.inFlight).toBe(0)
  expect(gauge.latencyMs).toBeLessThan(1)
})

test('an answer that is the client’s fault says that the target is well', async () => {
  const { gauge, work } = watched(Promise.resolve(new Response(null, { status: 404 })))
  await work
  expect(gauge.latencyMs).toBeLessThan(1)
})

test.each([
  [refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })],
  [new Response(null, { status: 500 })],
])('a failure counts as slow', async (answer) => {
  const { gauge, work } = watched(Promise.resolve(answer))
  await work
  expect(gauge.latencyMs).toBe(1_000)
})

test('an answer that never comes counts as failed when the time of the call is over', () => {
  const onExpiry: NonNullable<Call['onExpiry']> = []
  const { gauge } = watched(never, { onExpiry })
  for (const tell of onExpiry) tell('table')
  expect(gauge.inFlight).toBe(0)
  expect(gauge.latencyMs).toBe(1_000)
})

test('time that the client cut short says nothing of the target', () => {
  const onExpiry: NonNullable<Call['onExpiry']> = []
  const { gauge } = watched(never, { onExpiry })
  for (const tell of onExpiry) tell('client')
  expect(gauge.inFlight).toBe(0)
  expect(gauge.latencyMs).toBe(0)
})

test('a try that was called off says nothing of the target', async () => {
  const lost = refuse('UPSTREAM_UNREACHABLE', { failure: 'reset' })
  const { gauge, work } = watched(Promise.resolve(lost), { signal: AbortSignal.abort() })
  await work
  expect(gauge.latencyMs).toBe(0)
})

test('a bug in what is watched counts down, and goes on', async () => {
  const { gauge, work } = watched(Promise.reject(new TypeError('a bug')))
  await expect(work).rejects.toThrow(TypeError)
  expect(gauge.inFlight).toBe(0)
})
