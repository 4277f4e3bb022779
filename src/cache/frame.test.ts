import { expect, test } from 'vitest'
import type { AnswerHead } from './answer.ts'
import { encodingOf, frameHead, headLength, headOfRead, headText, readHead } from './frame.ts'

const head: AnswerHead = {
  status: 203,
  fields: [
    ['link', '<a>'],
    ['link', '<b>'],
    ['x', 'ü\u0001"\\'],
  ],
  requestedAt: 1,
  receivedAt: 2,
  selecting: [['accept', null]],
  tags: ['größe'],
  generation: 3,
  length: 4,
}

test.each([true, false, 0, 12])('a head is read back as it was, before a body of %j', (body) => {
  const text = headText(head, body)
  expect(text).toMatch(/^[\x20-\x7e]+$/)
  expect(readHead(text)).toEqual({ head, body })
})

test('cookies are left out', () => {
  const fields = [
    ['set-cookie', 'a=1'],
    ['x', '1'],
  ] as const
  expect(readHead(headText({ ...head, fields }, false))?.head.fields).toEqual([['x', '1']])
})

test('a frame says how long its head is', () => {
  const bytes = frameHead(head, 5)
  const length = headLength(bytes)
  expect(length).toBe(bytes.byteLength - 4)
  expect(readHead(new TextDecoder().decode(bytes.subarray(4)))).toEqual({ head, body: 5 })
})

test.each([[[]], [[0, 0, 0]], [[0, 0, 0, 0]], [[0, 1, 0, 1]], [[255, 255, 255, 255]]])(
  'the bytes %j begin no frame',
  (bytes) => {
    expect(headLength(Uint8Array.from(bytes))).toBeNull()
  },
)

test.each(['', '{', 'null', '[]', '{}', '{"form":1}', '{"form":2,"status":200}'])(
  'the text %j is no head',
  (text) => {
    expect(readHead(text)).toBeNull()
  },
)

test.each([
  ['gzip', 'gzip'],
  ['BR', 'BR'],
  ['zstd', null],
  ['gzip, br', null],
])('the runtime takes off the encoding %s: %j', (value, encoding) => {
  expect(encodingOf({ ...head, fields: [['content-encoding', value]] })).toBe(encoding)
})

test('a body that will be encoded anew has a weak validator, no length and no ranges', () => {
  const fields = [
    ['content-encoding', 'br'],
    ['etag', '"a"'],
    ['content-length', '9'],
    ['accept-ranges', 'bytes'],
  ] as const
  expect(headOfRead({ ...head, fields })).toMatchObject({
    length: null,
    fields: [
      ['content-encoding', 'br'],
      ['etag', 'W/"a"'],
    ],
  })
  const weak = [
    ['content-encoding', 'gzip'],
    ['etag', 'W/"a"'],
  ] as const
  expect(headOfRead({ ...head, fields: weak }).fields).toEqual(weak)
  expect(headOfRead(head)).toBe(head)
})
