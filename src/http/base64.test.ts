import { expect, test } from 'vitest'
import { base64Of, base64urlOf, bytesOfBase64 } from './base64.ts'

const bytes = Uint8Array.of(251, 255, 0, 1)

test('bytes are text with padding, and in URLs without', () => {
  expect(base64Of(bytes)).toBe('+/8AAQ==')
  expect(base64urlOf(bytes)).toBe('-_8AAQ')
})

test('a hundred thousand bytes are as good as one', () => {
  const many = new Uint8Array(100_000).map((_, at) => at % 256)
  expect(bytesOfBase64(base64Of(many))).toEqual(many)
})

test('text is bytes again, with padding or without', () => {
  expect(bytesOfBase64('+/8AAQ==')).toEqual(bytes)
  expect(bytesOfBase64('+/8AAQ')).toEqual(bytes)
  expect(bytesOfBase64('')).toEqual(new Uint8Array())
})

test.each(['!', 'A', '-_8AAQ'])('%s is no base64', (text) => {
  expect(bytesOfBase64(text)).toBeNull()
})
