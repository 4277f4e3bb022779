import { expect, test } from 'vitest'
import { Memo } from './workers/memo.ts'

test('what was used longest ago makes room', () => {
  const memo = new Memo<string>(10)
  memo.set('a', 'A', 4)
  memo.set('b', 'B', 4)
  memo.get('a')
  memo.set('c', 'C', 4)
  expect([memo.get('a'), memo.get('b'), memo.get('c')]).toEqual(['A', undefined, 'C'])
  expect(memo.bytes).toBe(8)
})

test('a value larger than the whole is not held, and its old value is gone', () => {
  const memo = new Memo<string>(10)
  memo.set('a', 'A', 4)
  memo.set('a', 'AAA', 11)
  expect(memo.get('a')).toBeUndefined()
  expect(memo.bytes).toBe(0)
})

test('a value set again counts once', () => {
  const memo = new Memo<string>(10)
  memo.set('a', 'A', 4)
  memo.set('a', 'B', 6)
  expect([memo.get('a'), memo.bytes]).toEqual(['B', 6])
})

test('forgetting counts as a write also where there was nothing', () => {
  const memo = new Memo<string>(10)
  expect(memo.forget('a')).toBe(false)
  expect(memo.writes).toBe(1)
})
