/** Aggregates under the policy `cache`: the whole is kept, for requests that are alike in what its calls read. */
import { expect, test } from 'vitest'
import { makeCached } from '../../../test/cached-gateway.ts'

const fresh = { headers: { 'Cache-Control': 'max-age=60' } }

function cached(aggregate: object, upstream: object = {}) {
  return makeCached((_call, count) => Response.json({ count }, fresh), {
    upstream,
    route: { aggregate },
  })
}

const call = { upstream: 'origin', path: '/x' }

test('the whole answer is kept, and answered without a call', async () => {
  const gateway = cached({ calls: { a: call, b: { ...call, path: '/y' } } })
  const first = await gateway.get('/page')
  const second = await gateway.get('/page')
  expect(second.text).toBe(first.text)
  expect(second.headers.get('isogate-complete')).toBe('true')
  expect(gateway.outcomes()).toEqual(['miss', 'hit'])
  expect(gateway.calls).toHaveLength(2)
})

test.each([
  ['a template', { headers: { 'X-Plan': '${header.x-plan}' } }, {}, {}],
  ['a template of a body', { method: 'POST', json: { plan: '${header.x-plan}' } }, {}, {}],
  ['an expression of a call', { forEach: '[$header.`x-plan`]' }, {}, {}],
  [
    'the list of a batch',
    {
      forEach: '[1]',
      batch: { by: '$', items: '[{ "id": 1, "p": $header.`x-plan` }]', key: 'id' },
    },
    {},
    {},
  ],
  ['a match', { when: { headers: { 'x-plan': 'gold' } } }, {}, {}],
  ['the answer', {}, { response: { json: '{ "plan": $header.`x-plan`, "a": a.body }' } }, {}],
  ['a field of its upstream', {}, {}, { headers: { 'X-Plan': '${header.x-plan}' } }],
])(
  'requests that differ in what %s reads do not share an answer',
  async (_what, own, more, upstream) => {
    const gateway = cached({ calls: { a: { ...call, ...own } }, ...more }, upstream)
    for (const plan of ['gold', 'free', 'gold']) {
      await gateway.get('/page', { headers: { 'X-Plan': plan } })
    }
    expect(gateway.outcomes()).toEqual(['miss', 'miss', 'hit'])
  },
)

test('requests that differ in what nothing reads share one', async () => {
  const gateway = cached({ calls: { a: call } })
  for (const plan of ['gold', 'free']) await gateway.get('/page', { headers: { 'X-Plan': plan } })
  expect(gateway.outcomes()).toEqual(['miss', 'hit'])
})

test('a partial answer is not kept', async () => {
  const gateway = makeCached(
    (_call, count) => Response.json({}, { ...fresh, status: count === 2 ? 500 : 200 }),
    { route: { aggregate: { calls: { a: call, b: { ...call, path: '/y' } } } } },
  )
  expect((await gateway.get('/page')).headers.get('cache-control')).toBe('no-store')
  await gateway.get('/page')
  await gateway.get('/page')
  expect(gateway.outcomes()).toEqual(['miss', 'miss', 'hit'])
})
