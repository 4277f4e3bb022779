import { expect, test } from 'vitest'
import { isBodiless } from './bodiless.ts'

test('204, 205 and 304 have no content', () => {
  expect([200, 204, 205, 206, 301, 304, 404].filter(isBodiless)).toEqual([204, 205, 304])
})
