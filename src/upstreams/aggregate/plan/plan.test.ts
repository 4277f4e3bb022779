import { expect, test } from 'vitest'
import type { AggregateOptions, CallSpec } from '../schema.ts'
import { planAggregate } from './plan.ts'

type Calls = Readonly<Record<string, Partial<CallSpec>>>

function optionsOf(calls: Calls, more: Partial<AggregateOptions> = {}): AggregateOptions {
  const full = Object.entries(calls).map(([name, spec]) => [
    name,
    { upstream: 'u', path: '/', ...spec },
  ])
  return { calls: Object.fromEntries(full) as AggregateOptions['calls'], ...more }
}

function planOf(calls: Calls, more: Partial<AggregateOptions> = {}) {
  const planned = planAggregate(optionsOf(calls, more))
  if (planned.kind === 'problems') throw new Error(JSON.stringify(planned.problems))
  return planned.plan
}

function problemsOf(calls: Calls, more: Partial<AggregateOptions> = {}) {
  const planned = planAggregate(optionsOf(calls, more))
  if (planned.kind === 'plan') return []
  return planned.problems.map(({ path, code }) => `${path.join('/')} ${code}`)
}

/** Who waits for whom, by name. */
function ordersOf(calls: Calls, more: Partial<AggregateOptions> = {}) {
  const plan = planOf(calls, more)
  return Object.fromEntries(
    plan.calls.map(({ name, waitsFor }) => [name, waitsFor.map((at) => plan.calls[at]!.name)]),
  )
}

test('calls that name no other wait for none, in the order of the table', () => {
  const plan = planOf({ b: {}, a: {}, c: { path: '/${params.id}' } })
  expect(
    plan.calls.map(({ name, index, waitsFor, rank }) => [name, index, waitsFor, rank]),
  ).toEqual([
    ['b', 0, [], 1],
    ['a', 1, [], 1],
    ['c', 2, [], 1],
  ])
})

test.each([
  ['after', { after: ['a'] }],
  ['the path', { path: '/x/${a.body.id}' }],
  ['the query', { query: { id: '${a.status}' } }],
  ['a field', { headers: { 'X-Id': '${a.headers.etag}' } }],
  ['a string deep in its JSON', { json: { deep: [1, { id: '${a.body.id}' }] } }],
  ['its text', { body: 'id=${a.body.id}' }],
  ['forEach', { forEach: 'a.body.items' }],
  ['when', { when: 'a.status = 200' }],
])('a call waits for another that it names in %s', (_where, spec) => {
  expect(ordersOf({ a: {}, b: {}, c: spec })).toEqual({ a: [], b: [], c: ['a'] })
})

test('a call is waited for once, however often it is named', () => {
  const c = { path: '/${b.body.x}/${a.body.x}', query: { y: '${a.body.y}' }, after: ['a'] }
  expect(ordersOf({ a: {}, b: {}, c })).toEqual({ a: [], b: [], c: ['a', 'b'] })
})

test('what only the answer names orders nothing', () => {
  const response = {
    json: '{ "x": b.body, "y": a.status }',
    headers: { 'X-A': '${a.headers.etag}' },
  }
  expect(ordersOf({ a: {}, b: {} }, { response })).toEqual({ a: [], b: [] })
})

test('a later call may stand earlier in the table', () => {
  const plan = planOf({ product: { path: '/${cart.body.id}' }, cart: {}, other: {} })
  expect(plan.begins).toEqual([1, 2])
  expect(plan.calls.map(({ rank }) => rank)).toEqual([1, 2, 1])
})

test('a call sees all that is over before it', () => {
  const plan = planOf({ a: {}, b: { after: ['a'] }, c: { after: ['b'] }, d: {} })
  expect(plan.calls.map(({ sees }) => sees)).toEqual([[], [0], [0, 1], []])
})

test('a body is parsed for use where something reads it, and not where only status or fields are', () => {
  const plan = planOf(
    { a: {}, b: {}, c: {}, d: { path: '/${a.body.id}/${b.status}' }, e: {} },
    { response: { headers: { 'X-C': '${c.headers.etag}' }, json: '{ "e": e.body }' } },
  )
  expect(plan.calls.map(({ name, isUsed }) => [name, isUsed])).toEqual([
    ['a', true],
    ['b', false],
    ['c', false],
    ['d', false],
    ['e', true],
  ])
})

test('an answer that may read everything uses every body', () => {
  const plan = planOf({ a: {}, b: {} }, { response: { json: '$keys($)' } })
  expect(plan.calls.map(({ isUsed }) => isUsed)).toEqual([true, true])
})

test('what is read of the request is known, of templates and of expressions', () => {
  const plan = planOf(
    {
      a: { path: '/${params.id}', headers: { 'X-L': '${header.accept-language}' } },
      b: { forEach: '$split($query.ids, ",")', path: '/${item}' },
    },
    { response: { json: '{ "n": $claims.name, "p": params.other }' } },
  )
  expect(plan.attributes.map(({ name }) => name)).toEqual([
    'params.id',
    'header.accept-language',
    'query.ids',
    'claims.name',
    'params.other',
  ])
})

test('a cycle is told once, with its members in the order of waiting', () => {
  const planned = planAggregate(
    optionsOf({
      a: { path: '/${c.0.body.x}' },
      b: { after: ['a'] },
      c: { forEach: 'b.body', path: '/${item}' },
      d: { after: ['a'] },
    }),
  )
  expect(planned).toMatchObject({
    kind: 'problems',
    problems: [{ path: ['calls', 'a'], code: 'AGGREGATE_CYCLE', found: 'a → c → b → a' }],
  })
})

test.each([
  ['itself in `after`', { after: ['a'] }, 'calls/a/after/0 AGGREGATE_REFERENCE_SELF'],
  ['itself in its path', { path: '/${a.body.x}' }, 'calls/a/path AGGREGATE_REFERENCE_SELF'],
  ['nothing in `after`', { after: ['b'] }, 'calls/a/after/0 AGGREGATE_REFERENCE_UNKNOWN'],
  ['nothing in its path', { path: '/${b.body}' }, 'calls/a/path AGGREGATE_REFERENCE_UNKNOWN'],
  ['nothing in its JSON', { json: ['${b.body}'] }, 'calls/a/json/0 AGGREGATE_REFERENCE_UNKNOWN'],
  ['nothing in forEach', { forEach: 'b.body' }, 'calls/a/forEach AGGREGATE_REFERENCE_UNKNOWN'],
  ['nothing in when', { when: 'b.status = 200' }, 'calls/a/when AGGREGATE_REFERENCE_UNKNOWN'],
  ['an item without a list', { path: '/${item.x}' }, 'calls/a/path AGGREGATE_REFERENCE_UNKNOWN'],
  [
    'all, unclear when',
    { when: '$count($keys($)) > 1' },
    'calls/a/when AGGREGATE_REFERENCE_UNCLEAR',
  ],
])('a call that refers to %s is a problem', (_what, spec, problem) => {
  expect(problemsOf({ a: spec })).toEqual([problem])
})

test('the item of a list is not there while the list is made', () => {
  expect(problemsOf({ a: { forEach: 'item.x' } })).toEqual([
    'calls/a/forEach AGGREGATE_REFERENCE_UNKNOWN',
  ])
})

test('an expression that may read all reads what `after` names', () => {
  expect(ordersOf({ a: {}, b: { when: '$count($keys($)) > 1', after: ['a'] } })).toEqual({
    a: [],
    b: ['a'],
  })
})

test('a reference that is nearly the name of a call is told that name', () => {
  const planned = planAggregate(optionsOf({ orders: {}, b: { after: ['order'] } }))
  expect(planned).toMatchObject({ problems: [{ message: expect.stringContaining('"orders"') }] })
})

test('the answer and the cookies name calls of the aggregate', () => {
  const response = { json: 'usr.body', status: 'b.status', headers: { 'X-C': '${c.status}' } }
  expect(problemsOf({ user: {} }, { response, setCookies: ['user', 'nobody'] })).toEqual([
    'response/json AGGREGATE_REFERENCE_UNKNOWN',
    'response/status AGGREGATE_REFERENCE_UNKNOWN',
    'response/headers/X-C AGGREGATE_REFERENCE_UNKNOWN',
    'setCookies/1 AGGREGATE_REFERENCE_UNKNOWN',
  ])
})

test('all problems are told at once', () => {
  const calls = { a: { after: ['b'] }, b: { after: ['a', 'x'] }, c: { path: '/${item}' } }
  expect(problemsOf(calls)).toEqual([
    'calls/c/path AGGREGATE_REFERENCE_UNKNOWN',
    'calls/b/after/1 AGGREGATE_REFERENCE_UNKNOWN',
    'calls/a AGGREGATE_CYCLE',
  ])
})

test('names that every object has are names of nothing', () => {
  expect(problemsOf({ a: { after: ['constructor', 'toString', '__proto__'] } })).toEqual([
    'calls/a/after/0 AGGREGATE_REFERENCE_UNKNOWN',
    'calls/a/after/1 AGGREGATE_REFERENCE_UNKNOWN',
    'calls/a/after/2 AGGREGATE_REFERENCE_UNKNOWN',
  ])
})

test('a call may be named as what every object has', () => {
  expect(ordersOf({ constructor: {}, b: { path: '/${constructor.body.x}' } })).toEqual({
    constructor: [],
    b: ['constructor'],
  })
})

test('a thousand calls are planned, and more are not', () => {
  const chain = (length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, at) => [`c${at}`, at === 0 ? {} : { after: [`c${at - 1}`] }]),
    )
  expect(planOf(chain(1_000)).calls[0]?.rank).toBe(1_000)
  expect(problemsOf(chain(1_001))).toEqual(['calls AGGREGATE_TOO_MANY_CALLS'])
})
