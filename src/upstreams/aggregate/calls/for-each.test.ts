/** `forEach` and `batch`: how many requests go out, for which items, and in which order their parts stand. */
import { expect, test } from 'vitest'
import { type AggregateParts, makeAggregate } from '../../../../test/aggregates.ts'

interface Error {
  readonly call: string
  readonly status: number
  readonly type: string
  readonly index?: number
}

const errorsOf = (json: Record<string, unknown>) => json.errors as readonly Error[]

/** A list from the service `a`, and for each of its items the call `it`. */
function makeEach(list: unknown, it: object, parts: Partial<AggregateParts> = {}) {
  return makeAggregate({
    calls: {
      list: { upstream: 'a', path: '/list' },
      it: { upstream: 'b', path: '/items/${item.id}', forEach: 'list.body.items', ...it },
    },
    ...parts,
    answer: (call, count) =>
      call.upstream === 'a'
        ? Response.json({ items: list })
        : (parts.answer?.(call, count) ?? Response.json({ path: call.path })),
  })
}

const idsIn = (path: string) =>
  (new URL(path, 'https://x.example.com').searchParams.get('ids') ?? '').split(',')

const batched = (more: object = {}) => ({
  path: '/items',
  query: { ids: '${item.id}' },
  batch: { by: 'id', key: 'id', ...more },
})

test('parts stand in the order of the items, whatever order they came in', async () => {
  const waits = new Map([
    ['/items/1', 30],
    ['/items/2', 1],
    ['/items/3', 10],
  ])
  const gateway = makeEach(
    [{ id: 1 }, { id: 2 }, { id: 3 }],
    {},
    {
      answer: ({ path }) =>
        new Promise((resolve) => setTimeout(() => resolve(Response.json(path)), waits.get(path))),
    },
  )
  const { json } = await gateway.get()
  expect(json.it).toEqual(['/items/1', '/items/2', '/items/3'])
})

test('nothing is an empty list, and one value a list of one', async () => {
  expect((await makeEach(undefined, {}).get()).json.it).toEqual([])
  expect((await makeEach(null, {}).get()).json.it).toEqual([])
  expect((await makeEach({ id: 5 }, {}).get()).json.it).toEqual([{ path: '/items/5' }])
})

test('items beyond the cap are not called for, and the answer says so', async () => {
  const gateway = makeEach([{ id: 1 }, { id: 2 }, { id: 3 }], { maxItems: 2 })
  const { json, headers, event } = await gateway.get()
  expect(gateway.paths()).toEqual(['/list', '/items/1', '/items/2'])
  expect(json.it).toHaveLength(2)
  expect(errorsOf(json)).toEqual([
    expect.objectContaining({ call: 'it', type: expect.stringMatching(/call-items-cut$/) }),
  ])
  expect(headers.get('isogate-complete')).toBe('false')
  expect(event?.calls?.at(-1)).toMatchObject({ call: 'it', items: 2, error: 'CALL_ITEMS_CUT' })
})

test('a list that is cut is no list for a call that is required', async () => {
  const gateway = makeEach([{ id: 1 }, { id: 2 }], { maxItems: 1, required: true })
  const { status, json } = await gateway.get()
  expect([status, json.code, json.call]).toEqual([500, 'CALL_ITEMS_CUT', 'it'])
})

test('a hundred items are called for unless the table says another number', async () => {
  const list = Array.from({ length: 101 }, (_, id) => ({ id }))
  const gateway = makeEach(list, {})
  const { json } = await gateway.get()
  expect(gateway.sent).toHaveLength(101)
  expect(json.it).toHaveLength(100)
})

test('an item that fails has the default in its place, and the others have theirs', async () => {
  const gateway = makeEach(
    [{ id: 1 }, { id: 2 }],
    { default: { none: true } },
    {
      answer: ({ path }) =>
        path.endsWith('1') ? Response.json({}, { status: 404 }) : Response.json('two'),
    },
  )
  const { json } = await gateway.get()
  expect(json.it).toEqual([{ none: true }, 'two'])
  expect(errorsOf(json)).toEqual([expect.objectContaining({ call: 'it', status: 404, index: 0 })])
})

test('of equal requests that are sent once each call sees all that it reads', async () => {
  const calls = {
    plain: { upstream: 'a', path: '/same' },
    reader: { upstream: 'a', path: '/same' },
  }
  const gateway = makeAggregate({
    calls,
    aggregate: { response: { json: "{ 'version': reader.headers.`x-version` }" } },
    answer: () => Response.json({ n: 1 }, { headers: { 'X-Version': '7' } }),
  })
  const { json } = await gateway.get()
  expect(json).toEqual({ version: '7' })
  expect(gateway.sent.length).toBe(1)
})

test('equal requests are sent once, also those of two calls', async () => {
  const gateway = makeAggregate({
    calls: {
      one: { upstream: 'a', path: '/x/${params.id}' },
      two: { upstream: 'a', path: '/x/7', default: 'none' },
      other: { upstream: 'a', path: '/x/7', headers: { 'X-Kind': 'other' } },
      each: { upstream: 'b', path: '/y/${item}', forEach: '[1, 2, 1, 1]' },
      post: { upstream: 'c', path: '/z', method: 'POST', json: 1 },
      again: { upstream: 'c', path: '/z', method: 'POST', json: 1 },
    },
    answer: ({ upstream, path, headers }) =>
      Response.json(path, { status: upstream === 'a' && !headers['x-kind'] ? 500 : 200 }),
  })
  const { json, event } = await gateway.get()
  expect(gateway.paths().sort()).toEqual(['/x/7', '/x/7', '/y/1', '/y/2', '/z', '/z'])
  // Each has its own part of the one answer.
  expect([json.one, json.two, json.other]).toEqual([null, 'none', '/x/7'])
  expect(json.each).toEqual(['/y/1', '/y/2', '/y/1', '/y/1'])
  expect(event?.tries).toBe(6)
})

test('n + 1 requests become two', async () => {
  const list = Array.from({ length: 40 }, (_, id) => ({ id: id + 1 }))
  const gateway = makeEach(list, batched(), {
    answer: ({ path }) =>
      Response.json(
        idsIn(path)
          .map((id) => ({ id: Number(id), name: `n${id}` }))
          .reverse(),
      ),
  })
  const { json } = await gateway.get()
  expect(gateway.sent).toHaveLength(2)
  expect(json.it).toEqual(list.map(({ id }) => ({ id, name: `n${id}` })))
})

test('ids go out once each, in chunks, and come back to each item that has one', async () => {
  const list = [{ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'c' }, {}]
  const gateway = makeEach(list, batched({ maxItems: 2 }), {
    answer: ({ path }) => Response.json(idsIn(path).map((id) => ({ id, at: path }))),
  })
  const { json } = await gateway.get()
  expect(gateway.paths().slice(1)).toEqual(['/items?ids=a,b', '/items?ids=c'])
  expect((json.it as ({ id: string } | null)[]).map((one) => one?.id)).toEqual([
    'a',
    'b',
    'a',
    'c',
    undefined,
  ])
  expect(errorsOf(json)).toEqual([expect.objectContaining({ status: 404, index: 4 })])
})

test('an id that the service does not know is a 404 of its item', async () => {
  const gateway = makeEach([{ id: 1 }, { id: 2 }], batched(), {
    answer: () => Response.json([{ id: 2 }]),
  })
  const { json } = await gateway.get()
  expect(json.it).toEqual([null, { id: 2 }])
  expect(errorsOf(json)).toEqual([expect.objectContaining({ status: 404, index: 0 })])
})

test('a chunk that fails fails its items alone', async () => {
  const list = [{ id: 1 }, { id: 2 }, { id: 3 }]
  const gateway = makeEach(list, batched({ maxItems: 2 }), {
    answer: ({ path }) =>
      path.includes('1') ? new Response(null, { status: 500 }) : Response.json([{ id: 3 }]),
  })
  const { json } = await gateway.get()
  expect(json.it).toEqual([null, null, { id: 3 }])
  expect(errorsOf(json).map(({ index }) => index)).toEqual([0, 1])
})

test('the list of a batch is where the table says, and its ids under dotted names', async () => {
  const options = batched({ items: 'data.rows', key: 'meta.id', by: "$string(id) & ''" })
  const gateway = makeEach([{ id: 1 }], options, {
    answer: () => Response.json({ data: { rows: [{ meta: { id: 1 }, x: 2 }] } }),
  })
  expect((await gateway.get()).json.it).toEqual([{ meta: { id: 1 }, x: 2 }])
})

test('a batch that answers with no list has failed', async () => {
  const gateway = makeEach([{ id: 1 }], batched(), { answer: () => Response.json({ id: 1 }) })
  const { json } = await gateway.get()
  expect(errorsOf(json)).toEqual([
    expect.objectContaining({ type: expect.stringMatching(/upstream-body-invalid$/) }),
  ])
})

test('ids of a batch stand encoded with the separator between, and as a list in json', async () => {
  const list = [{ id: 'a b' }, { id: 'c/d' }]
  const inPath = makeEach(list, {
    path: '/items/${item.id}',
    batch: { by: 'id', key: 'id', separator: ';' },
  })
  await inPath.get()
  expect(inPath.paths()[1]).toBe('/items/a%20b;c%2Fd')
  const inBody = makeEach(list, {
    path: '/items',
    method: 'POST',
    json: { ids: '${item.id}' },
    batch: { by: 'id', key: 'id' },
  })
  await inBody.get()
  expect(inBody.sent[1]?.body).toBe('{"ids":["a b","c/d"]}')
})

test('a list that cannot be made fails the call, and nothing is sent for it', async () => {
  const gateway = makeEach([1], { forEach: 'list.body.items + "x"', path: '/items/${item}' })
  const { json } = await gateway.get()
  expect(gateway.paths()).toEqual(['/list'])
  expect(errorsOf(json)).toEqual([
    expect.objectContaining({ status: 500, type: expect.stringMatching(/transform-failed$/) }),
  ])
})
