import { expect, test } from 'vitest'
import { makeMemories } from './memories.ts'

test('a value is remembered until its time is over', () => {
  const memory = makeMemories().of<number>('a', 10)
  memory.set('k', 1, 100)
  expect(memory.get('k', 99)).toBe(1)
  expect(memory.get('k', 100)).toBeUndefined()
  expect(memory.size).toBe(0)
})

test('the least recently used entry goes first', () => {
  const memory = makeMemories().of<number>('a', 2)
  memory.set('x', 1, 100)
  memory.set('y', 2, 100)
  memory.get('x', 0)
  memory.set('z', 3, 100)
  expect([memory.get('x', 0), memory.get('y', 0), memory.get('z', 0)]).toEqual([1, undefined, 3])
})

test('a name has one memory', () => {
  const memories = makeMemories()
  memories.of<number>('a', 2).set('x', 1, 100)
  expect(memories.of<number>('a', 2).get('x', 0)).toBe(1)
  expect(memories.of<number>('b', 2).get('x', 0)).toBeUndefined()
})
