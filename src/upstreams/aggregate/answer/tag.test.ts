import { expect, test } from 'vitest'
import { makeTag } from './tag.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>

test('a tag is a strong one (RFC 9110 §8.8.3) and always the same for the same bytes', () => {
  expect(makeTag(bytesOf('{"user":{"id":7}}'))).toBe(makeTag(bytesOf('{"user":{"id":7}}')))
  for (const text of ['', 'a', '{}', 'é✓'.repeat(50)]) {
    expect(makeTag(bytesOf(text))).toMatch(/^"[0-9a-z]+-[0-9a-z]+-[0-9a-z]+"$/)
  }
})

test('bodies that differ in one bit anywhere have other tags', () => {
  const seen = new Set<string>()
  for (const length of [1, 2, 3, 4, 5, 7, 8, 61]) {
    const bytes = new Uint8Array(length).fill(0x61)
    seen.add(makeTag(bytes))
    for (let bit = 0; bit < length * 8; bit += 1) {
      const changed = bytes.slice()
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
      seen.add(makeTag(changed))
    }
  }
  // Each length once as it is, and once for each of its bits.
  expect(seen.size).toBe(8 + 8 * (1 + 2 + 3 + 4 + 5 + 7 + 8 + 61))
})

test('parts that changed places, and zeros more or fewer, have other tags', () => {
  const texts = [
    'aaaabbbbcccc',
    'bbbbaaaacccc',
    'ccccbbbbaaaa',
    '\0',
    '\0\0',
    '\0\0\0\0',
    '\0'.repeat(8),
  ]
  expect(new Set(texts.map((text) => makeTag(bytesOf(text)))).size).toBe(texts.length)
})
