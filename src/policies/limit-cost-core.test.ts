import { expect, test } from 'vitest'
import { decideCharge, lastEvent, nextStep, readCost, readJsonCost } from './limit-cost-core.ts'

test.each([
  ['0', 0],
  ['12', 12],
  [' 12 ', 12],
  ['1.2', 2],
  ['', null],
  ['-1', null],
  ['1e3', null],
  ['12a', null],
  ['9999999999999999', Number.MAX_SAFE_INTEGER],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ['50.00000000001', 51],
  [null, null],
])('the text %j states %s', (text, cost) => {
  expect(readCost(text)).toBe(cost)
})

test.each([
  [12, 12],
  [1.2, 2],
  ['12', 12],
  [1e300, Number.MAX_SAFE_INTEGER],
  [-1, null],
  [Number.NaN, null],
  [null, null],
  [undefined, null],
  [{}, null],
])('the value %j states %s', (value, cost) => {
  expect(readJsonCost(value)).toBe(cost)
})

test('less than the reserve gives the rest back', () => {
  expect(decideCharge(10, 3)).toEqual({ kind: 'settle', cost: 3 })
})

test('more than the reserve is owed', () => {
  expect(decideCharge(10, 13)).toEqual({ kind: 'overdraw', beyond: 3 })
})

test('no more is owed than a bucket may have, so that debts add up exactly', () => {
  expect(decideCharge(10, Number.MAX_SAFE_INTEGER)).toEqual({
    kind: 'overdraw',
    beyond: 999_999_990,
  })
})

test('a cost that nobody stated is the reserve', () => {
  expect(decideCharge(10, null)).toEqual({ kind: 'settle', cost: 10 })
})

test('bytes that the tokens cover take nothing', () => {
  expect(nextStep(1000, { perToken: 100, reserve: 5, taken: 10 })).toBeNull()
})

test('bytes beyond the tokens take at least what they need, and a reserve where there is one', () => {
  expect(nextStep(1001, { perToken: 100, reserve: 5, taken: 10 })).toEqual({ least: 1, most: 5 })
  expect(nextStep(3000, { perToken: 100, reserve: 5, taken: 10 })).toEqual({ least: 20, most: 20 })
})

test('the last event of a stream is on lines of its own', () => {
  expect(lastEvent({ code: 'X' })).toBe('\n\nevent: error\ndata: {"code":"X"}\n\n')
})
