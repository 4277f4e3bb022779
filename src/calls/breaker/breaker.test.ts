import { expect, test } from 'vitest'
import { makeFleet, nameOf } from '../../../test/doubles/fleet.ts'
import { refuse } from '../../errors/refusal.ts'

const breaker = { consecutiveFailures: 3, openSeconds: 10, halfOpenProbes: 2 }

/** A service that answers with whatever status is set. */
function makeService(status = 200) {
  return {
    status,
    headers: {} as Record<string, string>,
    serve() {
      return Promise.resolve(new Response(null, { status: this.status, headers: this.headers }))
    },
  }
}

function fleetOf(isolates: number, more: object = {}) {
  const service = makeService()
  const fleet = makeFleet({
    isolates,
    breaker: { ...breaker, ...more },
    serve: () => service.serve(),
  })
  const names = async (isolate: number, count: number) => {
    const answers: (string | number)[] = []
    for (let index = 0; index < count; index += 1) {
      answers.push(nameOf((await fleet.call(isolate)).answer))
      await fleet.clock.advance(1)
    }
    return answers
  }
  return { ...fleet, service, names }
}

async function openedFleet(isolates: number, more: object = {}) {
  const fleet = fleetOf(isolates, more)
  fleet.service.status = 500
  await fleet.names(0, 3)
  return fleet
}

test('after failures in a row calls are refused and do not reach the service', async () => {
  const fleet = fleetOf(1)
  fleet.service.status = 503
  expect(await fleet.names(0, 5)).toEqual([503, 503, 503, 'BREAKER_OPEN', 'BREAKER_OPEN'])
  expect(fleet.reached()).toBe(3)
})

test('a refusal says when the next probe can go, and that nothing was sent', async () => {
  const fleet = await openedFleet(1)
  const { answer, event } = await fleet.call(0)
  expect(answer).toMatchObject({
    code: 'BREAKER_OPEN',
    headers: { 'Retry-After': '10' },
    unsent: true,
  })
  expect([event.breaker, event.tries]).toEqual(['open', 0])
  await fleet.clock.advance(9_900)
  const later = await fleet.call(0)
  expect(later.answer).toMatchObject({ headers: { 'Retry-After': '1' } })
})

test.each([400, 401, 404, 409, 429])('answers with %d do not count as failures', async (status) => {
  const fleet = fleetOf(1)
  fleet.service.status = status
  expect(await fleet.names(0, 5)).toEqual([status, status, status, status, status])
})

test('what counts as a failure can be said', async () => {
  const fleet = fleetOf(1, { failOn: [429] })
  fleet.service.status = 500
  expect(await fleet.names(0, 5)).toEqual([500, 500, 500, 500, 500])
  fleet.service.status = 429
  expect(await fleet.names(0, 4)).toEqual([429, 429, 429, 'BREAKER_OPEN'])
})

test('what one isolate found is known in another with its next report', async () => {
  const fleet = fleetOf(2)
  await fleet.names(1, 1)
  fleet.service.status = 500
  await fleet.names(0, 3)
  await fleet.clock.advance(5_000)
  // The call that brings the report still goes through: the closed path waits for nothing.
  expect(await fleet.names(1, 2)).toEqual([500, 'BREAKER_OPEN'])
})

test('a new isolate learns with its first call that it is open', async () => {
  const fleet = await openedFleet(2)
  expect(await fleet.names(1, 2)).toEqual([500, 'BREAKER_OPEN'])
})

test('failures of several isolates count together', async () => {
  const fleet = fleetOf(3, { consecutiveFailures: 6 })
  for (const isolate of [0, 1, 2]) await fleet.names(isolate, 1)
  await fleet.clock.advance(5_000)
  // What was well is told, and then two calls of each fail: none of them alone would say anything.
  for (const isolate of [0, 1, 2]) await fleet.names(isolate, 1)
  fleet.service.status = 500
  for (const isolate of [0, 1, 2]) await fleet.names(isolate, 2)
  await fleet.clock.advance(5_000)
  for (const isolate of [0, 1, 2]) await fleet.names(isolate, 1)
  // The second to report made it six, and hears it with the answer.
  expect(await fleet.names(1, 1)).toEqual(['BREAKER_OPEN'])
})

test('when the time is over exactly the probes go through, from all isolates together', async () => {
  const fleet = await openedFleet(4)
  const before = fleet.reached()
  fleet.objects.delayMs = 20
  await fleet.clock.advance(10_001)
  let release = (_status: number) => {}
  const waiting = new Promise<number>((resolve) => {
    release = resolve
  })
  fleet.service.serve = () => waiting.then((status) => new Response(null, { status }))
  const calls = [0, 1, 2, 3, 0, 1, 2, 3].map((isolate) => fleet.call(isolate))
  await fleet.clock.advance(200)
  // Three isolates never heard of it: their first call went as it came, before they knew.
  const unaware = 3
  expect(fleet.reached() - before).toBeLessThanOrEqual(2 + 2 * unaware)
  release(200)
  await fleet.clock.until(Promise.all(calls))
  await fleet.clock.advance(100)
  const { notices } = fleet.objects
  expect(notices.map(({ from, to }) => `${from} > ${to}`)).toEqual([
    'closed > open',
    'open > half-open',
    'half-open > closed',
  ])
})

test('a call that is a probe says so in its event', async () => {
  const fleet = await openedFleet(1)
  await fleet.clock.advance(10_001)
  const { answer, event } = await fleet.call(0)
  expect([nameOf(answer), event.breaker]).toEqual([500, 'probe'])
})

test('a probe that fails opens it again for twice the time', async () => {
  const fleet = await openedFleet(1)
  await fleet.clock.advance(10_001)
  await fleet.names(0, 1)
  expect((await fleet.call(0)).answer).toMatchObject({ headers: { 'Retry-After': '20' } })
})

test('probes that succeed close it', async () => {
  const fleet = await openedFleet(1)
  await fleet.clock.advance(10_001)
  fleet.service.status = 200
  expect(await fleet.names(0, 4)).toEqual([200, 200, 200, 200])
  expect(fleet.objects.notices.at(-1)).toMatchObject({ to: 'closed', reason: 'probes-succeeded' })
})

test('a slow probe is a failed one where slow calls count', async () => {
  const fleet = fleetOf(1, { slowCallMs: 100 })
  fleet.service.status = 500
  await fleet.names(0, 3)
  await fleet.clock.advance(10_001)
  fleet.service.serve = async () => {
    await fleet.clock.after(150).done
    return new Response(null)
  }
  await fleet.clock.until(fleet.call(0))
  expect(fleet.objects.notices.at(-1)).toMatchObject({ to: 'open', reason: 'probe-failed' })
})

test('a probe whose client left comes back', async () => {
  const fleet = await openedFleet(1, { halfOpenProbes: 1 })
  await fleet.clock.advance(10_001)
  const controller = new AbortController()
  fleet.service.serve = () => new Promise(() => {})
  void fleet.call(0, { signal: controller.signal })
  await fleet.clock.advance(10)
  controller.abort()
  fleet.service.serve = () => Promise.resolve(new Response(null))
  // Its permit goes back with the message of the next call that asks.
  await fleet.clock.advance(1_000)
  expect(await fleet.names(0, 1)).toEqual([200])
})

test('Retry-After of the service keeps it open longer', async () => {
  const fleet = fleetOf(1)
  Object.assign(fleet.service, { status: 503, headers: { 'Retry-After': '90' } })
  await fleet.names(0, 3)
  await fleet.clock.advance(10)
  expect((await fleet.call(0)).answer).toMatchObject({ headers: { 'Retry-After': '90' } })
})

test('a refusal of the gateway itself says nothing of the service', async () => {
  const fleet = fleetOf(1)
  fleet.service.serve = () =>
    Promise.resolve(refuse('NO_HEALTHY_TARGET', { unsent: true }) as never)
  expect(await fleet.names(0, 5)).toEqual(Array(5).fill('NO_HEALTHY_TARGET'))
})

test('in shadow mode everything passes, and the event tells what would have been', async () => {
  const fleet = fleetOf(1, { mode: 'shadow' })
  fleet.service.status = 500
  expect(await fleet.names(0, 5)).toEqual([500, 500, 500, 500, 500])
  expect((await fleet.call(0)).event.breaker).toBe('would-refuse')
  expect(fleet.objects.notices.map(({ to }) => to)).toEqual(['open'])
})

test('in shadow mode it closes again when the service is well', async () => {
  const fleet = await openedFleet(1, { mode: 'shadow' })
  fleet.service.status = 200
  await fleet.clock.advance(10_001)
  expect(await fleet.names(0, 6)).toEqual([200, 200, 200, 200, 200, 200])
  expect(fleet.objects.notices.at(-1)).toMatchObject({ to: 'closed' })
})

test('with scope colo each location has its own', async () => {
  const fleet = fleetOf(2, { scope: 'colo' })
  fleet.service.status = 500
  for (let count = 0; count < 4; count += 1) await fleet.call(0, { colo: 'FRA' })
  expect(nameOf((await fleet.call(0, { colo: 'FRA' })).answer)).toBe('BREAKER_OPEN')
  await fleet.call(1, { colo: 'LHR' })
  expect(nameOf((await fleet.call(1, { colo: 'LHR' })).answer)).toBe(500)
})

test('without its object an isolate goes by what it sees itself', async () => {
  const fleet = fleetOf(1)
  fleet.objects.fault = 'away'
  fleet.service.status = 500
  expect(await fleet.names(0, 4)).toEqual([500, 500, 500, 'BREAKER_OPEN'])
  await fleet.clock.advance(11_000)
  fleet.service.status = 200
  expect(await fleet.names(0, 3)).toEqual([200, 200, 200])
})

test('without its object and with deny, what is not known to be closed is refused', async () => {
  const fleet = fleetOf(1, { onStoreFault: 'deny', storeTimeoutMs: 50 })
  fleet.objects.fault = 'away'
  const { answer } = await fleet.call(0)
  expect(answer).toMatchObject({ code: 'STORE_UNAVAILABLE', unsent: true })
  fleet.objects.fault = 'none'
  // It is not waited for again at once.
  expect(await fleet.names(0, 1)).toEqual(['STORE_UNAVAILABLE'])
  await fleet.clock.advance(5_000)
  expect(await fleet.names(0, 1)).toEqual([200])
  fleet.objects.fault = 'away'
  expect(await fleet.names(0, 1)).toEqual([200])
})

test('with deny all calls of a new isolate wait for the first word', async () => {
  const fleet = fleetOf(1, { onStoreFault: 'deny' })
  fleet.objects.delayMs = 50
  const calls = Array.from({ length: 8 }, () => fleet.call(0))
  const answers = await fleet.clock.until(Promise.all(calls))
  expect(answers.map(({ answer }) => nameOf(answer))).toEqual(Array(8).fill(200))
})

test('a slow object holds a probe no longer than storeTimeoutMs', async () => {
  const fleet = await openedFleet(1, { storeTimeoutMs: 300 })
  await fleet.clock.advance(10_001)
  fleet.objects.delayMs = 10_000
  const before = fleet.clock.now()
  const { answer } = await fleet.clock.until(fleet.call(0))
  expect(fleet.clock.now() - before).toBeLessThanOrEqual(350)
  // The own view of this isolate was taken over by the fleet's: nothing is left that says no.
  expect(nameOf(answer)).toBe(500)
})

test('what failed before it was closed does not open it again', async () => {
  const fleet = fleetOf(2, { halfOpenProbes: 1 })
  await fleet.names(1, 1)
  await fleet.names(0, 1)
  fleet.service.status = 500
  // Two failures that isolate 1 has not told of when isolate 0 opens and closes it.
  await fleet.names(1, 2)
  await fleet.names(0, 3)
  await fleet.clock.advance(10_001)
  fleet.service.status = 200
  await fleet.names(0, 2)
  fleet.service.status = 500
  expect(await fleet.names(1, 1)).toEqual([500])
  expect(fleet.objects.notices.map(({ to }) => to)).toEqual(['open', 'half-open', 'closed'])
})

test('an object that starts anew still knows that it is open', async () => {
  const fleet = await openedFleet(2)
  fleet.objects.restart('users')
  expect(await fleet.names(1, 2)).toEqual([500, 'BREAKER_OPEN'])
})

test('while it is closed an isolate with twenty calls a second makes a hop in five seconds', async () => {
  const fleet = fleetOf(1)
  for (let call = 0; call < 1_200; call += 1) {
    await fleet.call(0)
    await fleet.clock.advance(50)
  }
  // A minute: the first one, and then each five seconds.
  expect(fleet.objects.reports.length).toBeLessThanOrEqual(13)
})
