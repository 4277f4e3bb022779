import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64, makeBase64Reader } from './base64-core.ts'

test('bytes are encoded as Node does it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(new TextDecoder().decode(encodeBase64(bytes))).toBe(
        Buffer.from(bytes).toString('base64'),
      )
    }),
  )
})

test('pieces that were encoded each by themselves are one, wherever they are cut', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 5 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 7 }), (parts, step) => {
      const text = Uint8Array.from(parts.flatMap((part) => [...encodeBase64(part)]))
      const reader = makeBase64Reader()
      const read: number[] = []
      for (let at = 0; at < text.length; at += step) {
        read.push(...(reader.push(text.subarray(at, at + step)) ?? [-1]))
      }
      expect(reader.isWhole).toBe(true)
      expect(read).toEqual(parts.flatMap((part) => [...part]))
    }),
  )
})

test.each(['A', '====', 'A===', 'AB=C', 'A*==', 'ABCDE'])('%j is none', (text) => {
  expect(decodeBase64(text)).toBeNull()
})

test.each([
  ['AQI=', [1, 2]],
  ['AQI', [1, 2]],
  ['-_8', [251, 255]],
  ['', []],
])('%j is read', (text, bytes) => {
  expect([...(decodeBase64(text) ?? [])]).toEqual(bytes)
})
