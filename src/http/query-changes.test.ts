import { expect, test } from 'vitest'
import type { Change } from './changes.ts'
import { changeQuery } from './query-changes.ts'

const remove = (name: string): Change<string> => ({ kind: 'remove', name })
const rename = (name: string, to: string): Change<string> => ({ kind: 'rename', name, to })
const set = (name: string, value: string): Change<string> => ({ kind: 'set', name, value })
const add = (name: string, value: string): Change<string> => ({ kind: 'add', name, value })

test.each([
  [
    'what no change names stays as it was written',
    '?a=%7e+b&&c&d=%zz',
    [add('x', '1')],
    '?a=%7e+b&&c&d=%zz&x=1',
  ],
  ['all of a repeated name are removed', '?a=1&b=2&a=3', [remove('a')], '?b=2'],
  ['an encoded name is the same name', '?%61=1&b=2', [remove('a')], '?b=2'],
  ['the last parameter takes the "?" with it', '?a=1', [remove('a')], ''],
  [
    'a set value stands where the first one stood',
    '?x=1&a=1&y=2&a=3',
    [set('a', '9')],
    '?x=1&a=9&y=2',
  ],
  ['a set value is added where none was', '', [set('a', '9')], '?a=9'],
  ['an added value stands at the end', '?a=1&b=2', [add('a', '3')], '?a=1&b=2&a=3'],
  [
    'a renamed parameter keeps its raw value',
    '?old=%7e+b&x=1',
    [rename('old', 'new')],
    '?new=%7e+b&x=1',
  ],
  ['a renamed flag stays a flag', '?old&x=1', [rename('old', 'new')], '?new&x=1'],
  ['a renamed parameter replaces the new name', '?new=1&old=2', [rename('old', 'new')], '?new=2'],
  ['nothing to rename leaves the new name', '?new=1', [rename('old', 'new')], '?new=1'],
  ['a name is encoded', '', [set('a[b]&c', '1')], '?a%5Bb%5D%26c=1'],
])('%s', (_sentence, query, changes, expected) => {
  expect(changeQuery(query, changes)).toBe(expected)
})
