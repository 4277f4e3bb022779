import { expect, test } from 'vitest'
import { environmentOf } from '../../../test/gateway.ts'
import { loadTable } from '../load.ts'

const upstreams = {
  users: { targets: ['https://users.example.com'] },
  tried: { targets: ['https://tried.example.com'], retry: {} },
  raced: { targets: ['https://raced.example.com'], retry: { attempts: 2 }, hedge: { afterMs: 9 } },
}

const items = { path: '/${item}', forEach: 'user.body.ids' }

/** The problems and warnings of a table with one aggregate of these calls. */
function judge(calls: object, more: object = {}) {
  const user = { upstream: 'users', path: '/users/${params.id}' }
  const aggregate = { calls: { user, ...calls }, ...more }
  const routes = [{ name: 'page', match: { path: '/:id' }, aggregate }]
  const loaded = loadTable(JSON.stringify({ version: 1, upstreams, routes }), environmentOf({}))
  const all = loaded.kind === 'loaded' ? loaded.warnings : loaded.problems
  return all.map(({ pointer, code, found = '' }) => `${code} ${pointer} ${found}`.trim())
}

const at = '/routes/0/aggregate/calls'

test.each([
  ['one call', {}, []],
  ['up to 50 requests', { list: { ...items, upstream: 'users', maxItems: 49 } }, []],
  [
    'more, of which the Free plan cannot make all',
    { list: { ...items, upstream: 'users', maxItems: 50 } },
    [`AGGREGATE_MANY_REQUESTS ${at} 51`],
  ],
  [
    'a list without `maxItems`, which may have 100',
    { list: { ...items, upstream: 'users' } },
    [`AGGREGATE_MANY_REQUESTS ${at} 101`],
  ],
  [
    'batches, of which two make a hundred',
    { list: { ...items, upstream: 'users', batch: { by: '$', key: 'id' } } },
    [],
  ],
  [
    'tries, three of each unless given',
    { list: { ...items, upstream: 'tried', maxItems: 20 } },
    [`AGGREGATE_MANY_REQUESTS ${at} 61`],
  ],
  [
    'tries that race',
    { list: { ...items, upstream: 'raced', maxItems: 20 } },
    [`AGGREGATE_MANY_REQUESTS ${at} 81`],
  ],
  [
    'more than any plan has',
    { list: { ...items, upstream: 'users', maxItems: 10_000 } },
    [`AGGREGATE_TOO_MANY_CALLS ${at} 10001`],
  ],
])('requests are counted: %s', (_what, calls, problems) => {
  expect(judge(calls)).toEqual(problems)
})

test('problems of keys, of the graph and of names of the table are told at once', () => {
  const calls = {
    a: { upstream: 'users', path: '/a', after: ['b'], timeoutMs: 'soon' },
    b: { upstream: 'users', path: '/b', after: ['a'] },
    c: { upstream: 'userz', path: '/c/${params.idd}' },
  }
  expect(judge(calls, { setCookies: ['d'] })).toEqual([
    `VALUE_INVALID ${at}/a/timeoutMs "soon"`,
    `UPSTREAM_UNKNOWN ${at}/c/upstream "userz"`,
    'AGGREGATE_REFERENCE_UNKNOWN /routes/0/aggregate/setCookies/0 "d"',
    `AGGREGATE_CYCLE ${at}/a a → b → a`,
    `PARAM_UNKNOWN ${at}/c/path "idd"`,
  ])
})

test('what a call that cannot be read would have named is no problem of others', () => {
  const calls = {
    'no-name': { upstream: 'users', path: '/a' },
    b: { upstream: 'users', path: '/b', after: ['no-name'] },
  }
  expect(judge(calls)).toEqual([`KEY_INVALID ${at}/no-name "no-name"`])
})

test('an aggregate that is no object at all leaves no other problem behind', () => {
  const routes = [{ name: 'page', match: { path: '/:id' }, aggregate: 7 }]
  const loaded = loadTable(JSON.stringify({ version: 1, routes }), environmentOf({}))
  expect(loaded).toMatchObject({
    kind: 'invalid',
    problems: [{ pointer: '/routes/0/aggregate', code: 'VALUE_INVALID' }],
  })
})

test('a variable that is missing takes the route out, and no other', () => {
  const route = {
    name: 'page',
    match: { path: '/:id' },
    aggregate: { calls: { a: { upstream: 'users', path: { var: 'USERS_PATH' } } } },
  }
  const other = { name: 'other', match: { path: '/other/x' }, respond: { status: 204 } }
  const text = JSON.stringify({ version: 1, upstreams, routes: [route, other] })
  const loaded = loadTable(text, environmentOf({}))
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems))
  expect(loaded.plan.routes.map(({ missing }) => missing.map(({ name }) => name))).toEqual([
    ['USERS_PATH'],
    [],
  ])
})

test('a default that nobody gets is warned of, at its place', () => {
  const required = { upstream: 'users', path: '/a', required: true, default: [] }
  expect(judge({ required })).toEqual([`AGGREGATE_DEFAULT_UNUSED ${at}/required/default`])
})
