import { expect, test } from 'vitest'
import type { RouteTable } from '../schema.ts'
import { checkEffects } from './effects.ts'

const rewrite = { use: 'rewrite', path: '/b' }
const calls = { a: { upstream: 'a', path: '/a' } }

function tell(route: object, more: object = {}) {
  const table = { version: 1, routes: [{ name: 'r', match: { path: '/a' }, ...route }], ...more }
  return checkEffects(table as RouteTable).map(({ pointer, code }) => `${pointer} ${code}`)
}

test.each([
  ['rewrite on an aggregate', { aggregate: { calls }, policies: [rewrite] }],
  ['query on a batch', { batch: {}, policies: [{ use: 'query', remove: ['a'] }] }],
])('%s is warned of', (_what, route) => {
  expect(tell(route)).toEqual(['/routes/0/policies/0 POLICY_WITHOUT_EFFECT'])
})

test.each([
  ['rewrite in front of an upstream', { upstream: 'a', policies: [rewrite] }, {}],
  [
    'fields that calls may forward',
    { aggregate: { calls }, policies: [{ use: 'request-headers', set: { a: 'b' } }] },
    {},
  ],
  ['the body of a batch', { batch: {}, policies: [{ use: 'transform-request', unwrap: 'a' }] }, {}],
  [
    'what a set has for other routes',
    { batch: {}, policies: ['all'] },
    { policySets: { all: [rewrite] } },
  ],
])('%s is not', (_what, route, more) => {
  expect(tell(route, more)).toEqual([])
})
