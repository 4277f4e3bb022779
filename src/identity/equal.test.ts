import { expect, test } from 'vitest'
import { digestOf, hexOf, isEqual } from './equal.ts'

test.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['', '', true],
  ['a', 'aa', false],
])('%j and %j are equal: %s', async (one, other, equal) => {
  expect(isEqual(await digestOf(one), await digestOf(other))).toBe(equal)
})

test('arrays of different length are not equal, whichever is the longer', () => {
  expect(isEqual(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false)
  expect(isEqual(Uint8Array.of(1, 0), Uint8Array.of(1))).toBe(false)
})

test('a digest in hex is the known one', async () => {
  expect(hexOf(await digestOf('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
