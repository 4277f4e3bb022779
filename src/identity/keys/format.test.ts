import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  base62,
  checksumOf,
  composeKey,
  isWellFormed,
  prefixOf,
  RANDOM_LENGTH,
  randomPart,
} from './format.ts'

const key = composeKey('live', 'abcdefghijklmnopqrstuvwxyzA')

test('a key has the shape that scanners look for', () => {
  expect(key).toMatch(/^isg_live_abcdefghijklmnopqrstuvwxyzA[0-9A-Za-z]{6}$/)
  expect(isWellFormed(key)).toBe(true)
})

test('the checksum is the CRC-32 of all before it, in six digits of base62', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...base62, '_'), maxLength: 60 }), (text) => {
      const value = [...checksumOf(text)].reduce(
        (sum, digit) => sum * 62 + base62.indexOf(digit),
        0,
      )
      expect(value).toBe(crc32(text))
      expect(checksumOf(text)).toHaveLength(6)
    }),
  )
})

test('a key with one character changed or two swapped is not well-formed', () => {
  for (let at = 0; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x'
    expect(isWellFormed(key.slice(0, at) + other + key.slice(at + 1))).toBe(false)
    if (at === 0 || key[at] === key[at - 1]) continue
    const swapped = key.slice(0, at - 1) + key[at] + key[at - 1] + key.slice(at + 1)
    expect(isWellFormed(swapped)).toBe(false)
  }
})

test.each([
  '',
  'isg_live_',
  `${key} `,
  `${key}\n`,
  key.toUpperCase(),
  `x${key}`,
  'k'.repeat(9_000),
])('%j is not well-formed', (text) => {
  expect(isWellFormed(text)).toBe(false)
})

test.each(['', 'LIVE', 'a-b', 'abcdefghijklm'])('%j is no environment of a key', (env) => {
  expect(isWellFormed(composeKey(env, 'abcdefghijklmnopqrstuvwxyzA'))).toBe(false)
})

test('the random part has 27 digits, each as likely, and bytes that would bend that are left out', () => {
  expect(randomPart((bytes) => '00'.repeat(bytes))).toBe('0'.repeat(RANDOM_LENGTH))
  let calls = 0
  const mixed = randomPart((bytes) => (calls++ === 0 ? 'ff'.repeat(bytes) : '3d'.repeat(bytes)))
  expect(mixed).toBe('z'.repeat(RANDOM_LENGTH))
})

test('what lists show has four random characters', () => {
  expect(prefixOf(key)).toBe('isg_live_abcd…')
})
