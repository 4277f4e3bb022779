import { expect, test } from 'vitest'
import { closeCodeToSend, decideEnd, lengthToKeep } from './answer-end-core.ts'

const streamed = { upgraded: false, hasBody: true, length: null }

test('an answer with a body ends with it', () => {
  expect(decideEnd(streamed)).toBe('body')
  expect(decideEnd({ ...streamed, length: '5' })).toBe('body')
})

test('an upgrade ends with its WebSocket', () => {
  expect(decideEnd({ ...streamed, upgraded: true, hasBody: false })).toBe('socket')
})

test.each([
  ['has no body', { hasBody: false }],
  ['has an empty body', { length: '0' }],
])('an answer that %s ends with its headers', (_, more) => {
  expect(decideEnd({ ...streamed, ...more })).toBe('headers')
})

test.each([
  ['5', null, 5],
  ['5', 'identity', 5],
  ['5', 'gzip', null],
  [null, null, null],
  ['5, 5', null, null],
  ['-1', null, null],
])(
  'of Content-Length %s and Content-Encoding %s the length %s is kept',
  (length, encoding, kept) => {
    expect(lengthToKeep(length, encoding)).toBe(kept)
  },
)

test.each([
  [1000, 1000],
  [1005, 1000],
  [1006, 1000],
  [1015, 1000],
  [3000, 3000],
])('a close with %d goes on as %d', (code, sent) => {
  expect(closeCodeToSend(code)).toBe(sent)
})
