import { expect, test } from 'vitest'
import { makeExchange, START } from '../../test/exchange.ts'
import { object } from '../schema/atoms.ts'
import { type StepsOptions, stepsShape } from './schema.ts'
import { bindSteps, type Side } from './steps.ts'

const schema = object(stepsShape)

async function run(options: StepsOptions, value: unknown, side: Side = 'answer') {
  const read = schema.parse(options)
  const exchange = makeExchange({ params: { id: '7' } })
  return await bindSteps(read, side).apply(value, { exchange, now: START })
}

// JSON text, so that members named __proto__ are members and order shows.
const pairs: readonly (readonly [string, StepsOptions, string, string])[] = [
  ['unwrap', { unwrap: 'data' }, '{"data":{"a":1}}', '{"a":1}'],
  ['unwrap deep', { unwrap: 'a.b' }, '{"a":{"b":[1]}}', '[1]'],
  ['unwrap of each element', { unwrap: 'node' }, '[{"node":1},{"node":2}]', '[1,2]'],
  ['unwrap within a list', { unwrap: 'edges.node' }, '{"edges":[{"node":1},{"node":2}]}', '[1,2]'],
  ['unwrap of nothing', { unwrap: 'data' }, '{"error":1}', '{"error":1}'],
  ['pick in the order of the value', { pick: ['b', 'a'] }, '{"a":1,"x":2,"b":3}', '{"a":1,"b":3}'],
  [
    'pick through lists',
    { pick: ['i.id'] },
    '{"i":[{"id":1,"p":2},{"id":3}]}',
    '{"i":[{"id":1},{"id":3}]}',
  ],
  ['pick of a list', { pick: ['id'] }, '[{"id":1,"p":2}]', '[{"id":1}]'],
  ['pick drops what is no object', { pick: ['u.name'] }, '{"u":"secret","v":1}', '{}'],
  [
    'pick drops texts among objects',
    { pick: ['u.name'] },
    '{"u":["secret",{"name":"A"}]}',
    '{"u":[{"name":"A"}]}',
  ],
  ['pick keeps null', { pick: ['u.name'] }, '{"u":null}', '{"u":null}'],
  ['pick of a text', { pick: ['a'] }, '"text"', 'null'],
  [
    'pick of all and of a part is all',
    { pick: ['u', 'u.name'] },
    '{"u":{"name":1,"b":2}}',
    '{"u":{"name":1,"b":2}}',
  ],
  ['omit', { omit: ['a', 'b.c'] }, '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3}}'],
  ['omit through lists', { omit: ['i.p'] }, '{"i":[{"p":1,"q":2},3]}', '{"i":[{"q":2},3]}'],
  ['rename in place', { rename: { b: 'c' } }, '{"a":1,"b":2,"d":3}', '{"a":1,"c":2,"d":3}'],
  ['rename over another', { rename: { a: 'b' } }, '{"a":1,"b":2}', '{"b":1}'],
  ['rename of what is not there', { rename: { x: 'b' } }, '{"a":1,"b":2}', '{"a":1,"b":2}'],
  ['rename as a swap', { rename: { a: 'b', b: 'a' } }, '{"a":1,"b":2}', '{"b":1,"a":2}'],
  [
    'rename deep, by name',
    { rename: { 'u.first_name': 'first' } },
    '{"u":[{"first_name":1}]}',
    '{"u":[{"first":1}]}',
  ],
  ['rename deep, by path', { rename: { 'u.n': 'u.m' } }, '{"u":{"n":1}}', '{"u":{"m":1}}'],
  [
    'rename of a place and in it',
    { rename: { u: 'v', 'u.n': 'm' } },
    '{"u":{"n":1}}',
    '{"v":{"m":1}}',
  ],
  ['coerce to text', { coerce: { a: 'string' } }, '{"a":12.5,"b":1}', '{"a":"12.5","b":1}'],
  ['coerce to a number', { coerce: { a: 'number' } }, '{"a":" -1.5e3 "}', '{"a":-1500}'],
  ['coerce to an integer', { coerce: { a: 'integer' } }, '{"a":"0042"}', '{"a":42}'],
  [
    'coerce to true or false',
    { coerce: { a: 'boolean' } },
    '{"a":["true","0",1,false]}',
    '{"a":[true,false,true,false]}',
  ],
  [
    'coerce to a list',
    { coerce: { a: 'list', b: 'list' } },
    '{"a":1,"b":[2]}',
    '{"a":[1],"b":[2]}',
  ],
  [
    'coerce through a list',
    { coerce: { 'i.n': 'number' } },
    '{"i":[{"n":"1"},{"n":2}]}',
    '{"i":[{"n":1},{"n":2}]}',
  ],
  [
    'coerce to a list, and in it',
    { coerce: { i: 'list', 'i.n': 'number' } },
    '{"i":{"n":"1"}}',
    '{"i":[{"n":1}]}',
  ],
  [
    'coerce leaves null and nothing',
    { coerce: { a: 'number', b: 'number' } },
    '{"a":null}',
    '{"a":null}',
  ],
  ['json', { json: '{ "userId": "user_" & user_id }' }, '{"user_id":123}', '{"userId":"user_123"}'],
  ['json that reads the request', { json: '{ "id": $params.id }' }, '{}', '{"id":"7"}'],
  ['wrap', { wrap: 'data' }, '[1]', '{"data":[1]}'],
  ['wrap deep', { wrap: 'a.b' }, '1', '{"a":{"b":1}}'],
  ['an escaped dot is part of a name', { pick: ['a\\.b'] }, '{"a.b":1,"a":{"b":2}}', '{"a.b":1}'],
  ['__proto__ is a name', { rename: { a: '__proto__' } }, '{"a":{"x":1}}', '{"__proto__":{"x":1}}'],
  ['constructor is a name', { unwrap: 'constructor' }, '{"a":1}', '{"a":1}'],
  [
    'all steps, in their order whatever that of the table',
    {
      wrap: 'result',
      json: '$merge([$, { "sum": a + b }])',
      coerce: { b: 'number' },
      rename: { x: 'a' },
      omit: ['c'],
      pick: ['x', 'b', 'c'],
      unwrap: 'data',
    },
    '{"data":{"x":1,"b":"2","c":3,"d":4}}',
    '{"result":{"a":1,"b":2,"sum":3}}',
  ],
]

test.each(pairs)('%s', async (_what, options, given, expected) => {
  const value: unknown = JSON.parse(given)
  const shaped = await run(options, value)
  expect(shaped.kind === 'shaped' ? JSON.stringify(shaped.value) : shaped).toBe(expected)
  // What was given is another policy's value too.
  expect(JSON.stringify(value)).toBe(given)
})

test('no step gives another object its prototype', async () => {
  const shaped = await run(
    { omit: ['x'], rename: { y: 'z' } },
    JSON.parse('{"__proto__":{"polluted":1},"x":1,"y":2}'),
  )
  expect(
    shaped.kind === 'shaped' && (shaped.value as { polluted?: number }).polluted,
  ).toBeUndefined()
})

test.each([
  ['text that is no number', { a: 'number' }, { a: 'x1' }],
  ['an empty text', { a: 'number' }, { a: '' }],
  ['a number without end', { a: 'number' }, { a: '1e999' }],
  ['an integer that would be another', { a: 'integer' }, { a: '9007199254740993' }],
  ['a fraction', { a: 'integer' }, { a: 1.5 }],
  ['an object as text', { a: 'string' }, { a: {} }],
  ['a word', { a: 'boolean' }, { a: 'yes' }],
] as const)('%s is refused, with its path and without its value', async (_what, coerce, value) => {
  const refused = await run({ coerce }, { outer: value, ...value }, 'request')
  expect(refused).toMatchObject({ kind: 'refused', code: 'BODY_INVALID' })
  const text = JSON.stringify(refused)
  expect(text).toContain('\\"a\\"')
  expect(text).not.toContain('9007')
  expect(text).not.toContain('yes')
})

test('of an answer, it is the service that is told', async () => {
  const refused = await run({ coerce: { 'i.n': 'number' } }, { i: [{ n: 1 }, { n: 'x' }] })
  expect(refused).toMatchObject({ code: 'UPSTREAM_BODY_INVALID' })
  expect(JSON.stringify(refused)).toContain('i.n')
})

test('an expression that fails is TRANSFORM_FAILED', async () => {
  expect(await run({ json: 'a + 1' }, { a: 'x' })).toMatchObject({ code: 'TRANSFORM_FAILED' })
})

test('an expression that does too much is TRANSFORM_LIMIT', async () => {
  const json = '$map([1..10000], function($a) { $map([1..10000], function($b) { $a * $b }) })'
  expect(await run({ json }, {})).toMatchObject({ code: 'TRANSFORM_LIMIT' })
})

test('lists within lists without end do not end in the stack', async () => {
  let value: unknown = { a: '1', b: 2 }
  for (let depth = 0; depth < 50_000; depth += 1) value = [value]
  for (const options of [
    { omit: ['a'] },
    { pick: ['a'] },
    { rename: { a: 'c' } },
    { unwrap: 'a' },
    { coerce: { a: 'number' } },
  ] satisfies StepsOptions[]) {
    expect((await run(options, value)).kind).toBe('shaped')
  }
})

test('without options there is nothing to do', () => {
  expect(bindSteps({}).isEmpty).toBe(true)
  expect(bindSteps({ wrap: 'a' }).isEmpty).toBe(false)
})

test('steps say what they read of a request', () => {
  expect(bindSteps({ json: '{ "a": $claims.sub, "b": $query.x }' }).attributes).toEqual([
    'claims.sub',
    'query.x',
  ])
})

test.each([
  ['an empty name', { unwrap: 'a..b' }],
  ['a backslash before a letter', { omit: ['a\\b'] }],
  ['an empty list', { pick: [] }],
  ['a rename into another object', { rename: { 'a.b': 'c.d' } }],
  ['an empty new name', { rename: { a: '' } }],
  ['a type that is none', { coerce: { a: 'date' } }],
  ['an expression that is none', { json: '{' }],
])('%s is a problem of the document', (_what, options) => {
  expect(schema.safeParse(options).success).toBe(false)
})
