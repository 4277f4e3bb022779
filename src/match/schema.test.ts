import { expect, test } from 'vitest'
import { matchListSchema, matchSchema } from './schema.ts'

const takes = (match: unknown) => matchSchema.safeParse(match).success

test('a match with every key is taken', () => {
  const match = {
    hosts: ['api.example.com', '*.example.com', 'münchen.example', '[::1]', '127.0.0.1:8787'],
    path: '/users/:id/files/*rest',
    methods: ['GET', 'M-SEARCH'],
    headers: { 'X-A': '1', 'x-b': [{ regex: '^a$' }, { prefix: 'b' }, { not: ['c', 'd'] }] },
    query: { page: { present: true }, q: { not: { present: false } } },
    body: { '': { present: true }, '/a~1b/0': 5, '/c': [true, null, 'x'] },
    bodyLimitBytes: 1000,
    client: {
      ips: ['10.0.0.0/8', '::1'],
      countries: ['DE', 'T1'],
      continents: ['EU'],
      asns: [13335],
    },
    description: 'all of it',
    'x-note': 1,
  }
  expect(takes(match)).toBe(true)
  expect(takes({ path: { regex: '^/v[0-9]+/' } })).toBe(true)
  expect(takes({})).toBe(true)
})

test.each([
  '*',
  '*.',
  'a.*.com',
  '*a.com',
  'a..b',
  'a b',
  'a/b',
  'http://a.com',
  'user@a.com',
  'a.com:x',
  'a.com:99999',
  '',
  '[::1',
  '*.[::1]',
])('a host that is none is refused: %j', (host) => {
  expect(takes({ hosts: [host] })).toBe(false)
})

test.each([
  'a',
  '',
  '*',
  '/a?b',
  '/a#b',
  '/a\\b',
  '/a\tb',
  '/%00',
  '/%zz',
  '/a/../b',
  '/a/%2e/b',
  '/:id.json',
  '/:',
  '/:1',
  '/a/*/b',
  '/*rest/b',
  '/*a.b',
  '/:a/:a',
  '/:a/*a',
])('a path with an error is refused: %j', (path) => {
  expect(takes({ path })).toBe(false)
})

test.each([
  '/',
  '/a/',
  '/a//b',
  '/v1/items:batch',
  '/a*',
  '/a/%3Aid/%2A',
  '/é',
  '/a b',
  '/.well-known/x',
  '/...',
])('a path with signs inside its segments is literal: %j', (path) => {
  expect(takes({ path })).toBe(true)
})

test.each(['/a', '[', '^/a|/b', '^(a+)+$', '^(?<x>a)\\k<x>'])(
  'a regular expression on a path is anchored and linear: %j is refused',
  (regex) => {
    expect(takes({ path: { regex } })).toBe(false)
  },
)

test.each([
  { headers: { 'a b': '1' } },
  { headers: { a: { regex: '(a+)+$' } } },
  { headers: { a: { regex: 'a', prefix: 'b' } } },
  { headers: { a: [] } },
  { headers: { a: { not: { prfix: 'x' } } } },
  { query: { '': 'x' } },
  { query: { a: 5 } },
  { body: { a: 'x' } },
  { body: { '/~2': 'x' } },
  { body: { '/a': {} } },
  { bodyLimitBytes: 1000 },
  { body: { '/a': 1 }, bodyLimitBytes: 2_000_000 },
  { methods: ['get'] },
  { methods: [] },
  { hosts: [] },
  { client: { ips: ['10.0.0.0/33'] } },
  { client: { countries: ['de'] } },
  { client: { countries: ['DEU'] } },
  { client: { continents: ['XX'] } },
  { client: { asns: [-1] } },
  { client: { country: ['DE'] } },
  { host: ['a.com'] },
])('a wrong value or key is refused: %j', (match) => {
  expect(takes(match)).toBe(false)
})

test('a variable stands for any string, and is checked when its value is known', () => {
  const variable = { var: 'NAME' }
  expect(
    takes({
      hosts: [variable],
      path: variable,
      headers: { a: variable, b: { regex: variable } },
      client: { ips: [variable], countries: [variable] },
    }),
  ).toBe(true)
})

test('a list of matches has at least one', () => {
  expect(matchListSchema.safeParse([{ path: '/a' }, { path: '/b' }]).success).toBe(true)
  expect(matchListSchema.safeParse([]).success).toBe(false)
})
