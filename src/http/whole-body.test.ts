import { expect, test } from 'vitest'
import { readWholeBody } from './whole-body.ts'

const three = new TextEncoder().encode('abc').buffer
const streamed = () => new Blob(['abc']).stream()

test('a body within the bound is read whole, be it bytes or a stream', async () => {
  expect(await readWholeBody(three, {}, 3)).toBe(three)
  expect(await readWholeBody(streamed(), {}, 3)).toEqual(three)
})

test('no body has no bytes', async () => {
  expect(await readWholeBody(null, {}, 3)).toEqual(new ArrayBuffer(0))
})

test.each([
  ['as bytes', three, {}],
  ['as a stream', streamed(), {}],
  ['by its own word', streamed(), { 'content-length': '3' }],
])('a body that is longer %s is refused', async (_how, body, headers) => {
  expect(await readWholeBody(body, headers, 2)).toMatchObject({ code: 'BODY_TOO_LARGE' })
})

test('an encoded body is refused, and `identity` is none', async () => {
  expect(await readWholeBody(three, { 'content-encoding': 'gzip' }, 3)).toMatchObject({
    code: 'BODY_ENCODED',
  })
  expect(await readWholeBody(three, { 'content-encoding': 'Identity' }, 3)).toBe(three)
})
