import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256Hex } from './sha256.ts'

test('the hash of "abc" is that of FIPS 180-4', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

// 55 and 56 bytes, 119 and 120: where the length goes into a block of its own.
test.each([0, 1, 3, 54, 55, 56, 63, 64, 65, 119, 120, 1000])('a text of %i bytes', (length) => {
  const text = 'k'.repeat(length)
  expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'))
})

test('a text is hashed as UTF-8', () => {
  const text = 'Zoë 😀 日本'
  expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'))
})
