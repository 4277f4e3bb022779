import { expect, test } from 'vitest'
import { bindCounts, cleanQuery, joinParts, noise, sortQuery } from './key-core.ts'

test('no two lists of parts give one key', () => {
  expect(joinParts(['a:b', 'c'])).not.toBe(joinParts(['a', 'b:c']))
  expect(joinParts(['1:a', ''])).not.toBe(joinParts(['', '1:a']))
  expect(joinParts(['ab', ''])).not.toBe(joinParts(['a', 'b']))
})

test.each([
  ['?a=1&utm_source=x&b=2', '?a=1&b=2'],
  ['?utm_source=x&gclid=1', ''],
  ['?a=1', '?a=1'],
  ['', ''],
  // As a service would read the name.
  ['?utm%5Fsource=x&a=1', '?a=1'],
  ['?utmost=1', '?utmost=1'],
])('without noise `%s` is `%s`', (query, clean) => {
  expect(cleanQuery(query, bindCounts({ sort: false, only: null, ignore: noise }))).toBe(clean)
})

test('only the parameters that are listed count', () => {
  const counts = bindCounts({ sort: false, only: ['id'], ignore: [] })
  expect(cleanQuery('?x=1&id=2&constructor=3', counts)).toBe('?id=2')
})

test('sorted by name, values of one name keep their order', () => {
  expect(sortQuery('?b=2&a=9&b=1&a=1')).toBe('?a=9&a=1&b=2&b=1')
})
