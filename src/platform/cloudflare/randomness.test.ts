import { expect, test } from 'vitest'
import { makeRandomness } from './randomness.ts'

test('each call gives fresh digits of the length that was asked for', () => {
  const { hex } = makeRandomness()
  // More than one pool holds, so that it is filled again on the way.
  const drawn = Array.from({ length: 1_000 }, () => hex(16))
  expect(drawn.every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true)
  expect(new Set(drawn).size).toBe(1_000)
})
