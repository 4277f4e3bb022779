import { expect, test } from 'vitest'
import { MemoryClock } from '../../platform/memory/clock.ts'
import { MemoryUpstreamObjects } from '../../platform/memory/upstream-objects.ts'
import type { NetworkCall } from '../../platform/ports.ts'
import type { UpstreamReport } from '../state/messages.ts'
import { discoverRules } from './rules.ts'
import type { DiscoverOptions } from './schema.ts'

const T0 = 1_200_000

function setUp(
  answer: (call: NetworkCall) => Response | Promise<Response>,
  options: DiscoverOptions = { http: 'http://list/users' },
) {
  const clock = new MemoryClock(T0)
  const randomness = { hex: () => 'ab', fraction: () => 1 }
  const objects = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const calls: NetworkCall[] = []
  objects.io = {
    network: {
      send: async (call) => {
        calls.push(call)
        return answer(call)
      },
      sendTo: () => Promise.reject(new Error('not asked')),
    },
    environment: {
      variable: () => undefined,
      secret: (name) => (name === 'TOKEN' ? 'hidden' : undefined),
      service: () => 'absent',
    },
    timers: clock,
  }
  const spec = { discovery: discoverRules(options) }
  const report = (known: string | null, given = spec): UpstreamReport => ({
    isolate: 'i1',
    seq: 0,
    spec: given,
    tally: null,
    words: { discovery: { known } },
  })
  const hear = async (known: string | null = null, given = spec) =>
    (await clock.until(objects.exchange('users', report(known, given)))).views.discovery
  const wake = () => clock.until(objects.wake('users'))
  return { clock, objects, calls, spec, hear, wake }
}

const urls = (view: { entries: readonly { url: string }[] | null } | undefined) =>
  view?.entries?.map(({ url }) => url)

test('the first isolate is answered when the list is there, those that come meanwhile too, by one question', async () => {
  const { calls, hear } = setUp(() => Response.json(['http://a']))
  const [first, second] = await Promise.all([hear(), hear()])
  expect([urls(first), urls(second), calls.length]).toEqual([['http://a'], ['http://a'], 1])
})

test('an isolate that has the list is not sent it again', async () => {
  const { hear } = setUp(() => Response.json(['http://a']))
  const view = await hear()
  expect(await hear(view?.version)).toEqual({ version: view?.version, entries: null })
  expect(urls(await hear('another'))).toEqual(['http://a'])
})

test('a source that fails at first keeps isolates waiting once only', async () => {
  const { calls, hear } = setUp(() => new Response(null, { status: 500 }))
  expect(await hear()).toEqual({ version: null, entries: null })
  expect(await hear()).toEqual({ version: null, entries: null })
  expect(calls).toHaveLength(1)
})

test('a source that does not answer is given up after three seconds', async () => {
  const { clock, objects, hear } = setUp(
    ({ signal }) =>
      new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
  )
  await hear()
  expect(clock.now()).toBe(T0 + 3_000)
  expect(objects.notices).toMatchObject([{ to: 'failing', reason: 'source-timeout' }])
})

test('a restart begins with the last good list, though the source is gone', async () => {
  let isGone = false
  const { objects, hear, wake } = setUp(() => {
    if (isGone) throw new Error('gone')
    return Response.json(['http://a'])
  })
  await hear()
  isGone = true
  objects.restart('users')
  expect(urls(await hear())).toEqual(['http://a'])
  await wake()
  expect(urls(await hear())).toEqual(['http://a'])
})

test('a list that did not change is not sent again', async () => {
  const { clock, calls, hear, wake } = setUp(({ headers }) =>
    headers['if-none-match'] === '"v1"'
      ? new Response(null, { status: 304 })
      : Response.json(['http://a'], { headers: { etag: '"v1"' } }),
  )
  await hear()
  await clock.advance(30_000)
  await wake()
  expect(calls).toHaveLength(2)
  expect(urls(await hear())).toEqual(['http://a'])
})

test.each([
  ['no JSON', () => new Response('<html>')],
  ['no list', () => Response.json({ error: 'x' })],
])('%s is unreadable', async (_what, answer) => {
  const { objects, hear } = setUp(answer)
  await hear()
  expect(objects.notices).toMatchObject([{ to: 'failing', reason: 'source-unreadable' }])
})

test('a redirect is not followed: where it leads was not written by the operator', async () => {
  const headers = { location: 'http://169.254.169.254/' }
  const { calls, objects, hear } = setUp(() => new Response(null, { status: 302, headers }))
  await hear()
  expect([calls.length, objects.notices[0]?.reason]).toEqual([1, 'source-status-302'])
})

test('a token goes to the source, and is written down nowhere', async () => {
  const { calls, objects, hear } = setUp(() => Response.json(['http://a']), {
    http: { url: 'http://list', token: { secret: 'TOKEN' } },
  })
  await hear()
  expect(calls[0]?.headers.authorization).toBe('Bearer hidden')
  expect(JSON.stringify([...objects.kept('users'), objects.reports])).not.toContain('hidden')
})

test('a list of more than 4 MiB is not read to its end', async () => {
  const { objects, hear } = setUp(() => new Response('x'.repeat(4_194_305)))
  await hear()
  expect(objects.notices[0]?.reason).toBe('source-too-long')
})

test('a table with another source waits for that one', async () => {
  const { calls, hear } = setUp(({ url }) => Response.json([`${url}/target`]))
  const first = await hear()
  const other = { discovery: discoverRules({ http: 'http://other' }) }
  expect(urls(await hear(first?.version, other))).toEqual(['http://other/target'])
  expect(urls(await hear())).toEqual(['http://list/users/target'])
  expect(calls).toHaveLength(2)
})

test('where nothing registers itself nobody can be registered', async () => {
  const { objects, spec, hear } = setUp(() => Response.json([]))
  const entry = { url: 'http://r', weight: 1, priority: 0, zone: null, draining: false }
  await objects.command('users', { spec, change: { kind: 'register', entry, forMs: 60_000 } })
  expect(urls(await hear())).toEqual([])
})

test('a registered target is known after a restart until its lease is over', async () => {
  const { clock, objects, hear } = setUp(() => Response.json([]))
  const registered = { discovery: discoverRules({ registration: true }) }
  const entry = { url: 'http://r', weight: 1, priority: 0, zone: null, draining: false }
  const change = { kind: 'register', entry, forMs: 60_000 } as const
  const { shown } = await objects.command('users', { spec: registered, change })
  expect(shown.discovery).toMatchObject({ targets: [{ url: 'http://r' }] })
  objects.restart('users')
  expect(urls(await hear(null, registered))).toEqual(['http://r'])
  clock.set(T0 + 60_000)
  expect(urls(await hear(null, registered))).toEqual([])
  expect(objects.notices.map(({ reason }) => reason)).toEqual(['registered', 'lease-over'])
})
