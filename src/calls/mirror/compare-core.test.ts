/** What differs between two answers is told by place and kind, never by value. */
import { expect, test } from 'vitest'
import { type CompareRules, compareSeen, MAX_DIFFERENCES, type Seen } from './compare-core.ts'

const rules: CompareRules = { headers: ['etag'], json: true, ignore: [], sample: 1 }

const seen = (value: unknown, more: Partial<Seen> = {}): Seen => ({
  status: 200,
  headers: ['"a"'],
  json: { value },
  ...more,
})

const differences = (first: unknown, copy: unknown, ignore: readonly string[][] = []) =>
  compareSeen(seen(first), seen(copy), { ...rules, ignore })

test('answers that say the same do not differ, whatever the order of their members', () => {
  expect(differences({ a: 1, b: [true, null] }, { b: [true, null], a: 1.0 })).toEqual([])
})

test('status and fields are compared', () => {
  const copy = seen({}, { status: 500, headers: [null] })
  expect(compareSeen(seen({}), copy, rules)).toEqual(['status 200 500', 'header etag'])
})

test.each([
  [{ a: 'secret' }, { a: 'other' }, 'json value /a'],
  [{ a: 'secret' }, { a: 1 }, 'json type /a'],
  [{ a: null }, { a: {} }, 'json type /a'],
  [{ a: [] }, { a: {} }, 'json type /a'],
  [{ a: 'secret' }, {}, 'json missing /a'],
  [{}, { a: 'secret' }, 'json added /a'],
  [[1, 2], [1], 'json missing /1'],
  [[1], [1, 2], 'json added /1'],
  [{ 'a/b': { '~': 1 } }, { 'a/b': { '~': 2 } }, 'json value /a~1b/~0'],
  ['secret', 'other', 'json value '],
  [{ toString: 1 }, {}, 'json missing /toString'],
])('%j and %j: %s', (first, copy, difference) => {
  expect(differences(first, copy)).toEqual([difference])
})

test('what is ignored may differ, with all below it', () => {
  const first = { at: 1, items: [{ id: 1, at: 2 }, { id: 2 }] }
  const copy = {
    at: 9,
    items: [
      { id: 1, at: 3 },
      { id: 2, at: { x: 1 } },
    ],
  }
  expect(differences(first, copy, [['at'], ['items', '*', 'at']])).toEqual([])
  expect(differences(first, copy, [['at']])).toEqual([
    'json value /items/0/at',
    'json added /items/1/at',
  ])
  expect(differences(first, { ...copy, items: 'x' }, [['at'], ['items']])).toEqual([])
})

test('differences are bounded, and so are depth and pointers', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index]))
  expect(differences(many, {})).toHaveLength(MAX_DIFFERENCES)
  expect(differences({ ['k'.repeat(500)]: 1 }, {})[0]?.length).toBeLessThan(230)
  const deep = (leaf: number) => {
    let value: unknown = leaf
    for (let level = 0; level < 200; level += 1) value = [value]
    return value
  }
  expect(differences(deep(1), deep(2))).toEqual([])
})

test('a body that is read on one side only differs, and two that are not read do not', () => {
  const unread = seen(null, { json: 'unread' })
  expect(compareSeen(unread, seen({}), rules)).toEqual(['json unread '])
  expect(compareSeen(unread, unread, rules)).toEqual([])
})
