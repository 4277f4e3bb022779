import { expect, test } from 'vitest'
import { beforeOf, cyclesOf, orderOf, ranksOf, turned } from './graph.ts'

test('a graph without edges has no cycle, and each node is a chain of its own', () => {
  const graph = [[], [], []]
  expect(cyclesOf(graph)).toEqual([])
  expect(ranksOf(graph)).toEqual([1, 1, 1])
  expect(beforeOf(graph)).toEqual([[], [], []])
})

test('the rank of a node is the longest chain from it to the end', () => {
  // 0 leads to 1 and 3, 1 leads to 2, and 2 to 3.
  expect(ranksOf([[], [0], [1], [0, 2]])).toEqual([4, 3, 2, 1])
})

test('all that is over before a node is known, whatever the way', () => {
  expect(beforeOf([[], [0], [1], []])).toEqual([[], [0], [0, 1], []])
})

test('nodes that others wait for are found in the order of the table', () => {
  expect(turned([[], [0], [0]])).toEqual([[1, 2], [], []])
})

test('each node stands behind those that it waits for', () => {
  expect(orderOf([[1], [2], []])).toEqual([2, 1, 0])
})

test('a cycle is told in the order of waiting', () => {
  expect(cyclesOf([[1], [2], [0]])).toEqual([[0, 1, 2]])
})

test('a node that waits for itself is a cycle', () => {
  expect(cyclesOf([[], [1]])).toEqual([[1]])
})

test('each knot is told once, by its shortest cycle through its first node', () => {
  expect(cyclesOf([[1], [0, 2], [0], [4], [3], []])).toEqual([
    [0, 1],
    [3, 4],
  ])
})

test('nodes that lead to a cycle or hang on one are no part of it', () => {
  expect(cyclesOf([[1], [2], [1], []])).toEqual([[1, 2]])
  expect(cyclesOf([[], [0, 2], [1]])).toEqual([[1, 2]])
})

test('a chain of thousands is walked without recursion', () => {
  const chain = Array.from({ length: 5_000 }, (_, node) => (node === 0 ? [] : [node - 1]))
  expect(cyclesOf(chain)).toEqual([])
  expect(ranksOf(chain)[0]).toBe(5_000)
})
