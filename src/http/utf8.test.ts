import { expect, test } from 'vitest'
import { decodeUtf8, parseJson } from './utf8.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('bytes of UTF-8 are text, without their mark', () => {
  expect(decodeUtf8(bytesOf('\ufeffé'))).toBe('é')
  expect(decodeUtf8(new ArrayBuffer(0))).toBe('')
})

test('other bytes are no text, and those after them are', () => {
  expect(decodeUtf8(Uint8Array.of(0xe9))).toBeNull()
  expect(decodeUtf8(bytesOf('a'))).toBe('a')
})

test('JSON is a value, null too; what is none is told from it', () => {
  expect(parseJson(bytesOf('\ufeff{"a":1}'))).toEqual({ value: { a: 1 } })
  expect(parseJson(bytesOf('null'))).toEqual({ value: null })
  expect(parseJson(bytesOf('{'))).toBeNull()
  expect(parseJson(Uint8Array.of(0x22, 0xe9, 0x22))).toBeNull()
})
