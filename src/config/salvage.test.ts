import { expect, test } from 'vitest'
import { environmentOf, type Given } from '../../test/gateway.ts'
import { loadTable } from './load.ts'

const upstreams = { users: { targets: ['http://127.0.0.1:9101'] } }
const users = { name: 'users', match: { path: '/users/:id' }, upstream: 'users' }

/** Pointers and codes of all that is wrong with a document. */
function problemsOf(document: object, given: Given = {}): string[] {
  const loaded = loadTable(JSON.stringify(document), environmentOf(given))
  const problems = loaded.kind === 'invalid' ? loaded.problems : loaded.lacks
  return problems.map(({ pointer, code }) => `${pointer} ${code}`).sort()
}

test('problems of shape, of references and of the environment are told at once', () => {
  const document = {
    version: 1,
    upstreams: { users: { ...upstreams.users, headers: { 'X-Key': { secret: 'USERS_KEY' } } } },
    defaults: { policies: ['edge'], timeoutMs: '10s' },
    routes: [
      { ...users, methods: ['GET'] },
      { ...users, upstream: 'user' },
      { name: 'b', match: { path: '/b' }, skip: ['cors'], respond: { status: 200, body: 1 } },
      { name: 'c', match: { path: '/c', hosts: [{ var: 'HOST' }] }, upstream: 'users' },
      { name: 'd', match: { path: '/d' } },
    ],
  }
  expect(problemsOf(document)).toEqual([
    '/defaults/policies/0 POLICY_SET_UNKNOWN',
    '/defaults/timeoutMs VALUE_INVALID',
    '/routes/0/methods KEY_UNKNOWN',
    '/routes/1/name ROUTE_NAME_DUPLICATE',
    '/routes/1/upstream UPSTREAM_UNKNOWN',
    '/routes/2/respond/body VALUE_INVALID',
    '/routes/3/match/hosts/0 VARIABLE_MISSING',
    '/routes/4 ANSWER_MISSING',
    '/upstreams/users/headers/X-Key SECRET_MISSING',
  ])
})

test('what is missing here is told beside a reference that is not there', () => {
  const secret = { use: 'request-headers', set: { 'X-Key': { secret: 'KEY' } } }
  const routes = [{ ...users, policies: [secret, 'nobody'] }]
  expect(problemsOf({ version: 1, upstreams, routes })).toEqual([
    '/routes/0/policies/0/set/X-Key SECRET_MISSING',
    '/routes/0/policies/1 POLICY_SET_UNKNOWN',
  ])
})

test.each<[string, object, string[]]>([
  ['a misspelled `upstreams`', { upstream: upstreams, routes: [users] }, ['/upstream KEY_UNKNOWN']],
  [
    'a misspelled answer',
    { upstreams, routes: [{ ...users, upstream: undefined, upstrem: 'users' }] },
    ['/routes/0/upstrem KEY_UNKNOWN'],
  ],
  [
    'a broken upstream',
    { upstreams: { users: { targets: [], timeoutMs: 1 } }, routes: [users] },
    ['/upstreams/users/targets VALUE_INVALID'],
  ],
  [
    'a broken policy of the defaults',
    {
      upstreams,
      defaults: { policies: [{ use: 'cors' }] },
      routes: [{ ...users, skip: ['cors'] }],
    },
    ['/defaults/policies/0/origins KEY_MISSING'],
  ],
  [
    'a broken path',
    {
      upstreams,
      routes: [
        {
          ...users,
          match: { path: 'users/:id' },
          policies: [{ use: 'rewrite', path: '/u/:id' }],
        },
      ],
    },
    ['/routes/0/match/path VALUE_INVALID'],
  ],
  [
    'a set that is no list',
    { policySets: { edge: 1 }, upstreams, routes: [{ ...users, policies: ['edge'] }] },
    ['/policySets/edge VALUE_INVALID'],
  ],
  ['routes that are no list', { upstreams, routes: {} }, ['/routes VALUE_INVALID']],
])('%s is told once, with nothing that only follows from it', (_what, parts, expected) => {
  expect(problemsOf({ version: 1, ...parts })).toEqual(expected)
})

test('a number that breaks two rules of one place is told once', () => {
  const routes = [{ ...users, timeoutMs: 1e99 }]
  expect(problemsOf({ version: 1, upstreams, routes })).toEqual([
    '/routes/0/timeoutMs VALUE_INVALID',
  ])
})
