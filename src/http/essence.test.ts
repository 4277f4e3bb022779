import { expect, test } from 'vitest'
import { essenceOf } from './essence.ts'

test.each([
  ['Application/JSON; charset=utf-8', 'application/json'],
  [' text/csv ;header=present', 'text/csv'],
  ['', ''],
  [null, ''],
  [undefined, ''],
])('the essence of %j is %j', (contentType, essence) => {
  expect(essenceOf(contentType)).toBe(essence)
})
