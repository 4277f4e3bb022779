import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { object } from './atoms.ts'
import { needOneOf, withRule } from './rule.ts'

const schema = withRule(
  object({ a: z.optional(z.number()), b: z.optional(z.number()), c: z.optional(z.string()) }),
  (written, note) => {
    needOneOf(written, note, ['a', 'b'])
    if (written.a !== undefined && written.b !== undefined) note(['b'], 'expected only one')
  },
)

const pathsOf = (value: unknown) => schema.safeParse(value).error?.issues.map(({ path }) => path)

test('an object that keeps the rule is taken', () => {
  expect(schema.safeParse({ a: 1, c: 'x' }).data).toEqual({ a: 1, c: 'x' })
})

test('a broken rule is told at its key', () => {
  expect(pathsOf({ a: 1, b: 2 })).toEqual([['b']])
})

test('a missing key is told at the object', () => {
  expect(pathsOf({ c: 'x' })).toEqual([[]])
})

test('a rule is told beside wrong values and unknown keys', () => {
  expect(pathsOf({ c: 5, d: 1 })).toEqual([['c'], [], []])
})

test('what is no object is only told to be none', () => {
  for (const value of [null, 'x', [1], 5]) expect(pathsOf(value)).toEqual([[]])
})
