import { expect, test } from 'vitest'
import { RefundPools } from './refund-pools.ts'

test('a refund counts as long as the bucket had room for it', () => {
  const pools = new RefundPools()
  pools.add(30)
  pools.spill(50, 100, 5)
  expect(pools.credit(10, 1)).toBe(10)
  expect(pools.credit(30, 1)).toBe(20)
  expect(pools.credit(1, 1)).toBe(0)
})

test('what the full bucket would have spilled does not come back', () => {
  const pools = new RefundPools()
  pools.add(30)
  pools.spill(90, 100, 5)
  expect(pools.credit(30, 1)).toBe(10)
})

test('a refund of tokens granted before the spill does not take from those granted after it', () => {
  const pools = new RefundPools()
  pools.add(30)
  pools.spill(100, 100, 5)
  pools.add(8)
  expect(pools.credit(8, 5)).toBe(0)
  expect(pools.credit(8, 6)).toBe(8)
})

test('a second spill takes from the older layer first', () => {
  const pools = new RefundPools()
  pools.add(30)
  pools.spill(90, 100, 5) // 10 of the first layer are left
  pools.add(20)
  pools.spill(75, 100, 9) // 5 of it are left, and all of the second
  expect(pools.credit(30, 3)).toBe(5)
  expect(pools.credit(30, 7)).toBe(20)
})

test('of more layers than two the oldest is lost', () => {
  const pools = new RefundPools()
  pools.add(10)
  pools.spill(95, 100, 5)
  pools.add(10)
  pools.spill(94, 100, 9)
  expect(pools.credit(10, 3)).toBe(0)
  expect(pools.credit(10, 7)).toBe(6)
})

test('what was cleared does not come back', () => {
  const pools = new RefundPools()
  pools.add(30)
  pools.clear()
  expect(pools.credit(30, 1)).toBe(0)
})
