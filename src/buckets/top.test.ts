import { expect, test } from 'vitest'
import { emptySummary, mergeSummaries, TopKeys, type TopSummary } from './top.ts'

function topOf(capacity: number, keys: Iterable<string>): TopSummary {
  const top = new TopKeys(capacity)
  for (const key of keys) top.add(key, false)
  return top.summary()
}

test('while there is room each key is counted exactly', () => {
  expect(topOf(3, 'abacab')).toEqual({
    total: 6,
    floor: 1,
    keys: [
      { key: 'a', count: 3, error: 0, refused: 0 },
      { key: 'b', count: 2, error: 0, refused: 0 },
      { key: 'c', count: 1, error: 0, refused: 0 },
    ],
  })
})

test('a list with room left says that no other key was met', () => {
  expect(topOf(3, 'ab').floor).toBe(0)
})

test('a new key takes the place of the least frequent one, and says how much of its count is not its own', () => {
  expect(topOf(2, 'aaabbc').keys).toEqual([
    { key: 'a', count: 3, error: 0, refused: 0 },
    { key: 'c', count: 3, error: 2, refused: 0 },
  ])
})

test('refusals are counted with their key, and not taken over from another', () => {
  const top = new TopKeys(1)
  top.add('a', true)
  top.add('a', false)
  expect(top.summary().keys).toEqual([{ key: 'a', count: 2, error: 0, refused: 1 }])
  top.add('b', true)
  expect(top.summary().keys).toEqual([{ key: 'b', count: 3, error: 2, refused: 1 }])
})

test('two summaries add up', () => {
  const one = topOf(3, 'aab')
  const other = topOf(3, 'abb')
  expect(mergeSummaries(one, other, 3).keys).toEqual([
    { key: 'a', count: 3, error: 0, refused: 0 },
    { key: 'b', count: 3, error: 0, refused: 0 },
  ])
  expect(mergeSummaries(emptySummary, one, 3)).toEqual(one)
})

test('a key that one summary does not list may have been met there as often as its floor', () => {
  const full = topOf(1, 'bbb')
  expect(mergeSummaries(topOf(2, 'aa'), full, 2)).toEqual({
    total: 5,
    floor: 3,
    keys: [
      { key: 'a', count: 5, error: 3, refused: 0 },
      { key: 'b', count: 3, error: 0, refused: 0 },
    ],
  })
})

test('what is cut off the list raises the floor', () => {
  expect(mergeSummaries(topOf(9, 'aaabbc'), emptySummary, 1)).toEqual({
    total: 6,
    floor: 2,
    keys: [{ key: 'a', count: 3, error: 0, refused: 0 }],
  })
})
