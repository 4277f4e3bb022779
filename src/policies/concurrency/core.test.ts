import { expect, test } from 'vitest'
import { closeCodeToSend, decideHold, lengthToKeep } from './core.ts'

const streamed = { called: true, upgraded: false, hasBody: true, length: null }

test('a body of a service holds the slot until it ends', () => {
  expect(decideHold(streamed)).toBe('body')
  expect(decideHold({ ...streamed, length: '5' })).toBe('body')
})

test('a WebSocket holds the slot until it is closed', () => {
  expect(decideHold({ ...streamed, upgraded: true, hasBody: false })).toBe('socket')
})

test.each([
  ['has no body', { hasBody: false }],
  ['has an empty body', { length: '0' }],
  ['is the gateway’s own', { called: false }],
])('an answer that %s frees the slot at once', (_, more) => {
  expect(decideHold({ ...streamed, ...more })).toBe('answer')
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
