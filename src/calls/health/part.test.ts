import { expect, test } from 'vitest'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../../platform/memory/upstream-objects.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import type { UpstreamReport } from '../state/messages.ts'
import { healthRules } from './rules.ts'
import type { HealthOptions } from './schema.ts'

const T0 = 1_200_000
const two = ['http://a', 'binding://USERS/base']

function setUp(
  answer: (call: NetworkCall) => Response | Promise<Response>,
  options: Partial<HealthOptions> = {},
) {
  const clock = new MemoryClock(T0)
  const randomness = { hex: () => 'ab', fraction: () => 0.5 }
  const objects = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const calls: (NetworkCall & { readonly binding: string | null })[] = []
  let inFlight = 0
  let most = 0
  async function send(call: NetworkCall, binding: string | null) {
    calls.push({ ...call, binding })
    inFlight += 1
    most = Math.max(most, inFlight)
    try {
      return await answer(call)
    } finally {
      inFlight -= 1
    }
  }
  objects.io = {
    network: { send: (call) => send(call, null), sendTo: (binding, call) => send(call, binding) },
    environment: {
      variable: () => undefined,
      secret: (name) => (name === 'KEY' ? 'hidden' : undefined),
      service: (name) => (name === 'USERS' ? 'present' : 'other'),
    },
    timers: clock,
  }
  const health = healthRules(
    { path: '/health?deep=1', unhealthyAfter: 1, healthyAfter: 1, trust: 'probes', ...options },
    { 'X-Key': { secret: 'KEY', prefix: 'k ' }, 'X-User': '${consumer.name}', 'X-Fixed': 'yes' },
  )
  const report = (targets: readonly string[] | null, listName = 1): UpstreamReport => ({
    isolate: 'i1',
    seq: 0,
    spec: { health },
    tally: null,
    words: { health: { targets, listName } },
  })
  const view = async () => (await objects.exchange('users', report(null))).views.health
  const wake = () => clock.until(objects.wake('users'))
  return { clock, objects, calls, report, view, wake, most: () => most }
}

test('targets are probed at once, and then once in an interval', async () => {
  const { clock, objects, calls, report, wake } = setUp(() => new Response('ok'))
  await objects.exchange('users', report(two))
  expect(objects.wakeAt('users')).toBe(0)
  await wake()
  expect(calls.map(({ url, binding, method }) => [url, binding, method])).toEqual([
    ['http://a/health?deep=1', null, 'GET'],
    ['http://users/base/health?deep=1', 'USERS', 'GET'],
  ])
  expect(objects.wakeAt('users')).toBe(clock.now() + 10_000)
})

test('a probe carries the fields of the upstream that read nothing of a request, and secrets by value', async () => {
  const { objects, calls, report, wake } = setUp(() => new Response('ok'), {
    headers: { 'X-Fixed': 'own' },
  })
  await objects.exchange('users', report(['http://a']))
  await wake()
  expect(calls[0]?.headers).toEqual({
    'user-agent': 'isogate-health',
    'x-key': 'k hidden',
    'x-fixed': 'own',
  })
  // What is written down has the name of the secret alone.
  expect(JSON.stringify([...objects.kept('users')])).not.toContain('hidden')
})

test('isolates hear which targets are unhealthy, and restarts do not forget it', async () => {
  const { objects, report, view, wake } = setUp(({ url }) => {
    return new Response(null, { status: url.startsWith('http://a') ? 503 : 200 })
  })
  await objects.exchange('users', report(two))
  await wake()
  expect(await view()).toEqual({ unhealthy: ['http://a'], listName: 1 })
  objects.restart('users')
  expect(await view()).toEqual({ unhealthy: ['http://a'], listName: 1 })
  expect(objects.notices).toMatchObject([
    { notice: 'health', to: 'unhealthy', reason: 'probe-status-503', target: 'http://a' },
  ])
})

test('a probe that takes too long has failed', async () => {
  const { objects, report, view, wake } = setUp(
    ({ signal }) =>
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
  )
  await objects.exchange('users', report(['http://a']))
  await wake()
  expect((await view())?.unhealthy).toEqual(['http://a'])
  expect(objects.notices[0]?.reason).toBe('probe-timeout')
})

test('a target that takes no connection is unreachable', async () => {
  const { objects, report, wake } = setUp(() => Promise.reject(new Error('lost')))
  await objects.exchange('users', report(['http://a']))
  await wake()
  expect(objects.notices[0]?.reason).toBe('probe-unreachable')
})

test('the name of a binding that is no service of the operator reaches nothing', async () => {
  const { objects, calls, report, wake } = setUp(() => new Response('ok'))
  await objects.exchange('users', report(['binding://KV']))
  await wake()
  expect(calls).toEqual([])
  expect(objects.notices[0]?.reason).toBe('probe-binding-missing')
})

test('no more than five probes are under way at a time', async () => {
  const setup = setUp(async () => {
    await Promise.resolve()
    return new Response('ok')
  })
  const many = Array.from({ length: 23 }, (_, index) => `http://a${index}`)
  await setup.objects.exchange('users', setup.report(many))
  await setup.wake()
  expect([setup.calls.length, setup.most()]).toEqual([23, 5])
})

test.each([
  [{ contains: 'ready' }, 'we are ready', 0],
  [{ contains: 'ready' }, 'we are not', 1],
  [{ regex: '^up$' }, 'up', 0],
  [{ regex: '^up$' }, 'upside', 1],
  [{ contains: 'late' }, `${'x'.repeat(65_536)}late`, 1],
])('with %j a body is judged by its first 64 KiB (case %#)', async (body, text, unhealthy) => {
  const { objects, report, view, wake } = setUp(() => new Response(text), { body })
  await objects.exchange('users', report(['http://a']))
  await wake()
  expect((await view())?.unhealthy).toHaveLength(unhealthy)
})

test('ten minutes after the last report nobody is probed any more', async () => {
  const { clock, objects, calls, report, wake } = setUp(() => new Response('ok'), {
    intervalSeconds: 300,
  })
  await objects.exchange('users', report(['http://a']))
  while (objects.wakeAt('users') !== null) {
    clock.set(Math.max(clock.now(), objects.wakeAt('users') ?? 0))
    await wake()
  }
  // At once, and after five minutes.
  expect(calls).toHaveLength(2)
})
