import { expect, test } from 'vitest'
import { planOf } from '../../test/gateway.ts'

const rate = { use: 'rate-limit', limit: 10, windowSeconds: 60 }
const respond = { status: 204 }

test('the limits of a table are listed once, with the routes that share them', () => {
  const plan = planOf({
    version: 1,
    defaults: { policies: [rate] },
    policySets: { sold: [{ use: 'quota', plan: true }] },
    routes: [
      { name: 'users', match: { path: '/users' }, policies: ['sold'], respond },
      {
        name: 'orders',
        match: { path: '/orders' },
        policies: [
          'sold',
          {
            use: 'concurrency',
            limit: 3,
            by: ['client.ip', 'route'],
            scope: 'colo',
            mode: 'shadow',
          },
          { ...rate, mode: 'off' },
          { use: 'request-id' },
        ],
        skip: ['rate-limit'],
        respond,
      },
    ],
  })
  const listed = [...plan.limits().values()].map(({ buckets, ...limit }) => {
    const { names, isLocal, shapes } = buckets
    return { ...limit, names, isLocal, shapes }
  })
  const own = { isLocal: false, mode: 'enforce', names: ['consumer'] }
  expect(listed).toEqual([
    {
      ...own,
      id: 'defaults/rate-limit-1',
      use: 'rate-limit',
      routes: ['users'],
      shapes: [{ kind: 'rate', limit: 10, windowMs: 60_000, burst: 10 }],
    },
    { ...own, id: 'set:sold/quota-1', use: 'quota', routes: ['users', 'orders'], shapes: null },
    {
      id: 'route:orders/concurrency-1',
      use: 'concurrency',
      routes: ['orders'],
      mode: 'shadow',
      names: ['client.ip', 'route'],
      isLocal: true,
      shapes: [{ kind: 'slots', limit: 3 }],
    },
  ])
})

test('a table without limits lists none', () => {
  const routes = [{ name: 'users', match: { path: '/users' }, respond }]
  expect(planOf({ version: 1, routes }).limits().size).toBe(0)
})
