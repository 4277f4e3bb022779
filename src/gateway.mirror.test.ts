/** `mirror` in a whole gateway: who gets copies of what, and what becomes of the answers. */
import { expect, test } from 'vitest'
import { START } from '../test/exchange.ts'
import { makeGateway } from '../test/gateway.ts'
import { findLink } from './calls/state/bind-link.ts'
import { makeMemories } from './platform/memories.ts'
import { MemoryClock } from './platform/memory/clock.ts'
import { MemoryUpstreamObjects } from './platform/memory/upstream-objects.ts'
import type { NetworkCall } from './platform/ports.ts'

const v1 = 'https://v1.example.com'
const v2 = 'https://v2.example.com'

interface Shown {
  readonly sent: number
  readonly tooLarge: number
  readonly failed: number
  readonly compared: number
  readonly different: number
  readonly samples: readonly (readonly string[])[]
}

type Answer = (call: NetworkCall) => Response | Promise<Response>

function setUp(
  mirror: object | readonly object[],
  answer: Answer = () => new Response('ok'),
  { fractions = [], other = {} }: { fractions?: readonly number[]; other?: object } = {},
) {
  const clock = new MemoryClock(START)
  const randomness = { hex: () => 'ab', fraction: () => 0.5 }
  const memories = makeMemories()
  const upstreams = new MemoryUpstreamObjects({ clock, timers: clock, randomness })
  const gateway = makeGateway(
    {
      version: 1,
      upstreams: {
        v1: { targets: [v1], headers: { 'X-Key': 'of-v1' }, mirror },
        v2: { targets: [v2], headers: { 'X-V2': 'yes' }, ...other },
        v3: { targets: ['https://v3.example.com'] },
      },
      routes: [{ name: 'all', match: { path: '/*' }, upstream: 'v1' }],
    },
    { answer, fractions, clock, ports: { upstreams, memories } },
  )
  /** What the object knows once the isolate told it. */
  async function shown(): Promise<Shown | undefined> {
    await gateway.rest()
    const spec = { mirror: { upstreams: ['v2', 'v3'] } }
    const ports = { clock, timers: clock, randomness, upstreams, memories, defer: () => {} }
    await findLink('v1', ports, START).exchange(ports, spec)
    const status = await upstreams.command('v1', { spec, change: { kind: 'look' } })
    return (status.shown.mirror as Shown[])[0]
  }
  return { gateway, shown, upstreams }
}

const all = { upstream: 'v2', percent: 100 }
const urls = ({ gateway }: ReturnType<typeof setUp>) => gateway.calls.map(({ url }) => url)

test('a copy goes to the other upstream, with the fields that this one writes', async () => {
  const set = setUp(all)
  const answer = await set.gateway.ask({ target: '/a?b=1', headers: { 'X-Own': 'client' } })
  expect(await answer.text()).toBe('ok')
  await set.gateway.rest()
  expect(urls(set)).toEqual([`${v1}/a?b=1`, `${v2}/a?b=1`])
  const copy = set.gateway.calls[1]?.headers
  expect(copy).toMatchObject({ 'x-v2': 'yes', 'x-own': 'client', 'isogate-mirror': '1' })
  expect(copy?.['x-key']).toBeUndefined()
  expect(set.gateway.events).toMatchObject([{ upstream: 'v1', tries: 1, status: 200 }])
})

test('the answer does not wait for the copy, and does not care what becomes of it', async () => {
  const set = setUp(all, ({ url }) => {
    if (url.startsWith(v2)) return new Promise(() => {})
    return new Response('ok')
  })
  expect((await set.gateway.ask()).status).toBe(200)
  const failing = setUp(all, ({ url }) => {
    if (url.startsWith(v2)) throw new Error('a bug')
    return new Response('ok')
  })
  expect((await failing.gateway.ask()).status).toBe(200)
  expect(await failing.shown()).toMatchObject({ sent: 0, failed: 1 })
  expect(failing.gateway.bugs).toEqual([])
})

test('a share of the requests is copied', async () => {
  const set = setUp({ ...all, percent: 5 }, undefined, { fractions: [0.049, 0, 0.051, 0] })
  await set.gateway.ask()
  await set.gateway.ask()
  await set.gateway.rest()
  expect(urls(set).filter((url) => url.startsWith(v2))).toHaveLength(1)
})

test('each mirror of a list has its own share', async () => {
  const set = setUp([all, { upstream: 'v3', percent: 0 }, { upstream: 'v3', percent: 100 }])
  await set.gateway.ask()
  await set.gateway.rest()
  expect(urls(set)).toEqual([`${v1}/`, `${v2}/`, 'https://v3.example.com/'])
})

test('a body is copied as it streams, up to the limit', async () => {
  const bodies: string[] = []
  const answer: Answer = async ({ body }) => {
    bodies.push(await new Response(body).text())
    return new Response('ok')
  }
  const set = setUp({ ...all, bodyLimitBytes: 10 }, answer)
  await set.gateway.ask({ method: 'POST', body: 'small' })
  await set.gateway.rest()
  expect(bodies).toEqual(['small', 'small'])
  await set.gateway.ask({ method: 'POST', body: 'larger than ten' })
  await set.gateway.ask({ method: 'POST', body: 'said so', headers: { 'content-length': '11' } })
  expect(await set.shown()).toMatchObject({ sent: 1, tooLarge: 2 })
  expect(bodies).toHaveLength(4)
})

test('copies are not copied: two upstreams may mirror each other, also through another gateway', async () => {
  const set = setUp(all, undefined, { other: { mirror: { upstream: 'v1', percent: 100 } } })
  await set.gateway.ask()
  await set.gateway.rest()
  expect(urls(set)).toEqual([`${v1}/`, `${v2}/`])
  await set.gateway.ask({ headers: { 'Isogate-Mirror': '1' } })
  await set.gateway.rest()
  expect(urls(set)).toHaveLength(3)
})

test('where the service did not answer nothing is copied', async () => {
  const set = setUp(all, () => Promise.reject(new Error('Network connection lost.')))
  expect((await set.gateway.ask()).status).toBe(502)
  await set.gateway.rest()
  expect(urls(set)).toEqual([`${v1}/`])
})

test('a fallback of the other upstream answers no copy', async () => {
  const fallback = [{ respond: { status: 200 } }]
  const answer: Answer = ({ url }) => new Response(null, { status: url.startsWith(v2) ? 503 : 200 })
  const set = setUp({ ...all, compare: {} }, answer, { other: { fallback } })
  await set.gateway.ask()
  expect(await set.shown()).toMatchObject({ different: 1, samples: [['status 200 503']] })
})

test('answers are compared, and what differs is told once in a line', async () => {
  const json = (body: object, etag: string) => Response.json(body, { headers: { etag } })
  const answer: Answer = ({ url }) =>
    url.startsWith(v2)
      ? json({ id: 1, name: 'SECRET-2', at: 2 }, '"b"')
      : json({ id: 1, name: 'SECRET-1', at: 1 }, '"a"')
  const compare = { headers: ['ETag'], json: true, ignore: ['/at'] }
  const set = setUp({ ...all, compare }, answer)
  const response = await set.gateway.ask()
  expect(await response.json()).toEqual({ id: 1, name: 'SECRET-1', at: 1 })
  expect(await set.shown()).toMatchObject({ sent: 1, compared: 1, different: 1 })
  expect(set.upstreams.notices).toMatchObject([
    {
      notice: 'mirror',
      upstream: 'v1',
      detail: { mirror: 'v2', different: 1, samples: [['header etag', 'json value /name']] },
    },
  ])
  expect(JSON.stringify(set.upstreams.notices)).not.toContain('SECRET')
})

test('answers that are the same are counted as compared', async () => {
  const compare = { headers: ['x-a'], json: true }
  const set = setUp({ ...all, compare }, () =>
    Response.json({ id: 1 }, { headers: { 'x-a': '1' } }),
  )
  expect(await (await set.gateway.ask()).json()).toEqual({ id: 1 })
  expect(await set.shown()).toMatchObject({ compared: 1, different: 0 })
  expect(set.upstreams.notices).toEqual([])
})

test('a share of the copies is compared', async () => {
  const compare = { sample: 0.5 }
  const set = setUp({ ...all, compare }, undefined, { fractions: [0, 0.6, 0, 0, 0.4, 0] })
  await set.gateway.ask()
  await set.gateway.ask()
  expect(await set.shown()).toMatchObject({ sent: 2, compared: 1 })
})
