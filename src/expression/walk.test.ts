import fc from 'fast-check'
import jsonata from 'jsonata'
import { expect, test } from 'vitest'
import { defaultLimits, Run } from './run.ts'
import { walkNames } from './walk.ts'

const names = ['a', 'b', 'length', '__proto__', 'constructor']
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(1, 'text', null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { noNullPrototype: false }),
  ),
})).value

test('a path of names comes to what the library comes to', async () => {
  await fc.assert(
    fc.asyncProperty(
      json,
      fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
      async (value, path) => {
        const text = path.map((name) => `\`${name}\``).join('.')
        const there: unknown = await jsonata(text).evaluate(structuredClone(value))
        const here = walkNames(value, path, new Run(defaultLimits, 0))
        expect(JSON.stringify(here)).toBe(JSON.stringify(there))
      },
    ),
    { numRuns: 2000, verbose: 1 },
  )
})

test.each([
  ['a list of one in a list is its element', [{ a: [1] }], ['a'], 1],
  ['a list that stands alone stays one', { a: [1] }, ['a'], [1]],
  ['an empty list that stands alone stays one', { a: [] }, ['a'], []],
  [
    'lists of lists are laid flat by one',
    { a: [{ b: [[1], [2]] }, { b: [3] }] },
    ['a', 'b'],
    [[1], [2], 3],
  ],
  ['what is missing is left out', { a: [{ b: 1 }, {}, { b: 2 }] }, ['a', 'b'], [1, 2]],
  ['text has no members', { a: 'text' }, ['a', 'length'], undefined],
])('%s', (_what, input, path, value) => {
  expect(walkNames(input, path, new Run(defaultLimits, 0))).toEqual(value)
})
