/** Whole aggregates in memory: which calls are sent, when, and what becomes of them when one fails or the client leaves. */
import { expect, test } from 'vitest'
import { type Ask, type Given, makeGateway } from '../../../test/gateway.ts'
import { MemoryClock, settled } from '../../platform/memory/clock.ts'
import type { NetworkCall } from '../../platform/ports.ts'

const upstreams = {
  users: { targets: ['https://users.example.com'] },
  orders: { targets: ['https://orders.example.com'] },
  catalog: { targets: ['https://catalog.example.com'] },
}

function tableOf(aggregate: object, more: object = {}) {
  const route = { name: 'page', match: { path: '/page/:id' }, aggregate, ...more }
  return { version: 1, upstreams, routes: [route] }
}

interface Open {
  readonly call: NetworkCall
  answer(response: Response): void
}

/** A gateway whose services answer when the test says so. */
function held(table: object, given: Given = {}) {
  const open: Open[] = []
  const gateway = makeGateway(table, {
    ...given,
    answer: (call) =>
      new Promise((resolve, reject) => {
        open.push({ call, answer: resolve })
        call.signal?.addEventListener('abort', () => reject(call.signal?.reason))
      }),
  })
  return {
    ...gateway,
    open,
    paths: () => open.map(({ call }) => new URL(call.url).pathname),
    answer(path: string, response: Response) {
      const found = open.find(({ call }) => new URL(call.url).pathname === path)
      if (found === undefined) throw new Error(`${path} was not called`)
      found.answer(response)
    },
    ask: (ask: Ask = {}) => gateway.ask({ target: '/page/u7', ...ask }),
  }
}

const json = (value: unknown, init: ResponseInit = {}) => Response.json(value, init)

test('calls that do not wait for each other are all sent before the first answers', async () => {
  const gateway = held(
    tableOf({
      calls: {
        user: { upstream: 'users', path: '/users/${params.id}' },
        orders: { upstream: 'orders', path: '/orders', query: { user: '${params.id}' } },
        tips: { upstream: 'catalog', path: '/tips' },
      },
    }),
  )
  const asked = gateway.ask()
  await settled()
  expect(gateway.paths()).toEqual(['/users/u7', '/orders', '/tips'])
  expect(gateway.open[1]?.call.url).toBe('https://orders.example.com/orders?user=u7')
  // In the order of the table, whatever comes first.
  gateway.answer('/tips', json(['t']))
  gateway.answer('/orders', json([1]))
  gateway.answer('/users/u7', json({ name: 'Ada' }))
  const answer = await asked
  expect(await answer.text()).toBe('{"user":{"name":"Ada"},"orders":[1],"tips":["t"]}')
  expect(gateway.events[0]).toMatchObject({ route: 'page', upstream: 'users,orders,catalog' })
})

test('a call that refers to another is sent when that is there, with its values', async () => {
  const gateway = held(
    tableOf({
      calls: {
        cart: { upstream: 'orders', path: '/carts/${params.id}' },
        product: { upstream: 'catalog', path: '/products/${cart.body.items.0.id}' },
        tips: { upstream: 'catalog', path: '/tips', after: ['product'] },
      },
    }),
  )
  const asked = gateway.ask()
  await settled()
  expect(gateway.paths()).toEqual(['/carts/u7'])
  gateway.answer('/carts/u7', json({ items: [{ id: 'a/b' }] }))
  await settled()
  expect(gateway.paths()).toEqual(['/carts/u7', '/products/a%2Fb'])
  gateway.answer('/products/a%2Fb', json({ name: 'Hat' }))
  await settled()
  expect(gateway.paths()).toEqual(['/carts/u7', '/products/a%2Fb', '/tips'])
  gateway.answer('/tips', json([]))
  expect((await asked).status).toBe(200)
})

test('of twenty calls five wait for headers at once, whatever their bodies do', async () => {
  const calls = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`c${at}`, { upstream: 'users', path: `/c${at}` }]),
  )
  const gateway = held(tableOf({ calls }))
  const asked = gateway.ask()
  const open: number[] = []
  for (let at = 0; at < 20; at += 5) {
    await settled()
    open.push(gateway.open.length)
    for (let next = at; next < at + 5; next++) gateway.answer(`/c${next}`, json(next))
  }
  expect(open).toEqual([5, 10, 15, 20])
  expect(await (await asked).json()).toMatchObject({ c0: 0, c19: 19 })
})

test('the call with the longest chain behind it is sent first', async () => {
  const calls = {
    ...Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`c${at}`, { upstream: 'users', path: `/c${at}` }]),
    ),
    first: { upstream: 'orders', path: '/first' },
    second: { upstream: 'orders', path: '/second/${first.body.id}' },
  }
  const gateway = held(tableOf({ calls }))
  void gateway.ask()
  await settled()
  expect(gateway.paths()).toEqual(['/first', '/c0', '/c1', '/c2', '/c3'])
})

/** What an upstream has to say for its calls to be ended by a signal, and what they have then. */
const endings = [
  ['by a signal, where something may work on behind the answer', { retry: {} }, true],
  ['with the work of the request, where nothing does', {}, undefined],
] as const

test.each(endings)('a required call that fails ends the others %s', async (_, more, aborted) => {
  const gateway = held({
    ...tableOf({
      calls: {
        user: { upstream: 'users', path: '/users', required: true },
        slow: { upstream: 'orders', path: '/slow' },
        late: { upstream: 'catalog', path: '/late/${slow.body.x}' },
      },
    }),
    upstreams: { ...upstreams, orders: { ...upstreams.orders, ...more } },
  })
  const asked = gateway.ask()
  await settled()
  gateway.answer('/users', json({}, { status: 404 }))
  expect((await asked).status).toBe(404)
  gateway.answer('/slow', json({ x: 1 }))
  await settled()
  expect(gateway.paths()).toEqual(['/slow', '/users'])
  expect(gateway.open[0]?.call.signal?.aborted).toBe(aborted)
})

test.each(endings)('a client that leaves ends all %s', async (_, more, aborted) => {
  const gateway = held({
    ...tableOf({
      calls: {
        a: { upstream: 'users', path: '/a' },
        b: { upstream: 'orders', path: '/b/${a.body.x}' },
      },
    }),
    upstreams: { ...upstreams, orders: { ...upstreams.orders, ...more } },
  })
  const client = new AbortController()
  void gateway.ask({ signal: client.signal })
  await settled()
  client.abort()
  gateway.answer('/a', json({ x: 1 }))
  await settled()
  expect(gateway.open[0]?.call.signal?.aborted).toBe(aborted)
  expect(gateway.paths()).toEqual(['/a'])
  expect(gateway.events).toMatchObject([{ error: 'CLIENT_CLOSED' }])
  expect(gateway.bugs).toEqual([])
})

test.each([
  ['of the aggregate', { timeoutMs: 40 }, {}],
  ['of the route', {}, { timeoutMs: 40 }],
])(
  'the time limit %s bounds the whole, also calls that were not sent yet',
  async (_of, own, more) => {
    const clock = new MemoryClock(1_000)
    const aggregate = {
      ...own,
      calls: {
        a: { upstream: 'users', path: '/a', default: { x: 1 } },
        b: { upstream: 'orders', path: '/b/${a.body.x}', default: 'none' },
      },
    }
    const gateway = held(tableOf(aggregate, more), { clock })
    const begun = Date.now()
    const asked = gateway.ask()
    await settled()
    // The deadline of a call rings by the machine's own timer; the clock of the test is set to the same.
    clock.set(1_040)
    const answer = await asked
    expect(Date.now() - begun).toBeLessThan(2_000)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('isogate-complete')).toBe('false')
    expect(await answer.json()).toMatchObject({
      a: { x: 1 },
      b: 'none',
      errors: [
        { call: 'a', status: 504 },
        { call: 'b', status: 504 },
      ],
    })
    expect(gateway.paths()).toEqual(['/a'])
  },
)

test('a hundred calls are one answer', async () => {
  const calls = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [
      `c${at}`,
      { upstream: 'users', path: at < 50 ? `/c${at}` : `/c${at}/\${c${at - 50}.body.n}` },
    ]),
  )
  const gateway = makeGateway(tableOf({ calls }), {
    answer: ({ url }) => json({ n: new URL(url).pathname }),
  })
  const answer = await gateway.ask({ target: '/page/u7' })
  const body = (await answer.json()) as Record<string, { n: string }>
  expect(Object.keys(body)).toEqual(Object.keys(calls))
  expect(body.c99).toEqual({ n: `/c99/${encodeURIComponent('/c49')}` })
  expect(gateway.calls).toHaveLength(100)
})

test('what an upstream of a call lacks takes the route out, and no other', async () => {
  const table = {
    version: 1,
    upstreams: {
      ...upstreams,
      inner: { targets: ['binding://NOBODY'] },
    },
    routes: [
      {
        name: 'page',
        match: { path: '/page/:id' },
        aggregate: {
          calls: {
            a: { upstream: 'users', path: '/a' },
            b: { upstream: 'inner', path: '/b' },
            c: { upstream: 'inner', path: '/c' },
          },
        },
      },
      { name: 'plain', match: { path: '/plain' }, respond: { status: 204 } },
    ],
  }
  const gateway = makeGateway(table)
  const answer = await gateway.ask({ target: '/page/1' })
  expect(await answer.json()).toMatchObject({ code: 'ROUTE_UNAVAILABLE' })
  expect((await gateway.ask({ target: '/plain' })).status).toBe(204)
  expect(gateway.plan.routes[0]?.missing).toEqual([
    { pointer: '/upstreams/inner/targets/0', code: 'SERVICE_MISSING', name: 'NOBODY' },
  ])
})

test('a bug in one call is a 500 of the request, and is told', async () => {
  const aggregate = {
    calls: {
      a: { upstream: 'users', path: '/a' },
      b: { upstream: 'orders', path: '/b' },
    },
  }
  const table = tableOf(aggregate)
  const gateway = makeGateway(table, {
    answer({ url }) {
      if (url.endsWith('/b')) return new Response('{}')
      // What no network gives.
      return { status: 200, headers: null, body: null } as unknown as Response
    },
  })
  const answer = await gateway.ask({ target: '/page/1' })
  expect(answer.status).toBe(500)
  expect(gateway.bugs).toHaveLength(1)
})
