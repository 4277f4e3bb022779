import { expect, test } from 'vitest'
import { breaksField, isVisibleAscii } from './field-values.ts'

test.each(['a\rb', 'a\nb', 'a\0b'])('%j breaks a field', (value) => {
  expect(breaksField(value)).toBe(true)
})

test('a tab and letters of other scripts do not break a field', () => {
  expect(breaksField('a\tb é')).toBe(false)
})

test('visible ASCII has no space, no control character and a bounded length', () => {
  expect(isVisibleAscii('a'.repeat(128), 128)).toBe(true)
  for (const value of ['', 'a b', 'é', 'a\n', 'a'.repeat(129)]) {
    expect(isVisibleAscii(value, 128)).toBe(false)
  }
})
