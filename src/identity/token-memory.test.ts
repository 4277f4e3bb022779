import { expect, test } from 'vitest'
import { makeMemories } from '../platform/memories.ts'
import { forgetToken, recallToken, rememberToken, TOKEN_CAPACITY } from './token-memory.ts'

const name = 'jwt:tokens'
const key = (token: string, by = 'a') => ({ name, token, by })

function setUp() {
  const memories = makeMemories()
  return {
    memories,
    recall: (token: string, now = 1, by = 'a') =>
      recallToken<string>(memories, { ...key(token, by), now }),
    remember: (token: string, value: string, until = 100, by = 'a') =>
      rememberToken(memories, { ...key(token, by), now: 1 }, { value, until }),
  }
}

test('what was found out is there until its time is over', () => {
  const { recall, remember } = setUp()
  remember('t', 'found')
  expect(recall('t', 99)).toBe('found')
  expect(recall('t', 100)).toBeUndefined()
})

test('what one policy found out is nothing to another', () => {
  const { recall, remember } = setUp()
  remember('t', 'of a')
  expect(recall('t', 1, 'b')).toBeUndefined()
  remember('t', 'of b', 50, 'b')
  expect(recall('t', 1, 'a')).toBe('of a')
  expect(recall('t', 60, 'b')).toBeUndefined()
  expect(recall('t', 60, 'a')).toBe('of a')
})

test('forgetting is of one policy', () => {
  const { memories, recall, remember } = setUp()
  remember('t', 'of a')
  remember('t', 'of b', 100, 'b')
  forgetToken(memories, key('t', 'a'))
  expect(recall('t')).toBeUndefined()
  expect(recall('t', 1, 'b')).toBe('of b')
  forgetToken(memories, key('t', 'b'))
  forgetToken(memories, key('t', 'b'))
  expect(recall('t', 1, 'b')).toBeUndefined()
})

test('a token of 16 KiB is remembered and a longer one is not', () => {
  const { recall, remember } = setUp()
  remember('x'.repeat(16_384), 'found')
  remember('x'.repeat(16_385), 'found')
  expect(recall('x'.repeat(16_384))).toBe('found')
  expect(recall('x'.repeat(16_385))).toBeUndefined()
})

test('the token that was not used for the longest time goes first', () => {
  const { memories, recall, remember } = setUp()
  for (let index = 0; index < TOKEN_CAPACITY; index++) remember(`t${index}`, 'found')
  expect(recall('t0')).toBe('found')
  remember('new', 'found')
  expect(recall('t1')).toBeUndefined()
  expect(recall('t0')).toBe('found')
  expect(memories.of(name, 1).size).toBe(TOKEN_CAPACITY)
})

test('a token that many policies found out about keeps the latest', () => {
  const { recall, remember } = setUp()
  for (let index = 0; index < 17; index++) remember('t', 'found', 100, `p${index}`)
  expect(recall('t', 1, 'p0')).toBeUndefined()
  expect(recall('t', 1, 'p16')).toBe('found')
})
