import { expect, test } from 'vitest'
import { CAME, makeHead } from '../../test/answer-heads.ts'
import { askForChange, bringUpToDate, isSameRepresentation } from './update-core.ts'

test('a request asks for change with both validators, and with no condition of the client', () => {
  const fields = { accept: '*/*', 'if-none-match': '"mine"', 'if-range': '"x"', range: 'bytes=0-1' }
  askForChange(fields, makeHead({ etag: 'W/"a"', 'last-modified': 'then' }))
  expect(fields).toEqual({
    accept: '*/*',
    'if-none-match': 'W/"a"',
    'if-modified-since': 'then',
  })
})

test('a 304 replaces the fields that it has, but for those of the body', () => {
  const head = makeHead({
    'content-type': 'text/plain',
    'content-length': '36',
    'content-encoding': 'gzip',
    age: '100',
    date: 'old',
    'x-kept': '1',
    'x-new': '1',
  })
  const news = {
    fields: [
      ['content-length', '10'],
      ['content-encoding', 'br'],
      ['date', 'new'],
      ['x-new', '2'],
      ['x-new', '3'],
    ] as const,
    requestedAt: CAME + 1,
    receivedAt: CAME + 2,
  }
  expect(bringUpToDate(head, news)).toEqual({
    ...head,
    fields: [
      ['content-type', 'text/plain'],
      ['content-length', '36'],
      ['content-encoding', 'gzip'],
      ['x-kept', '1'],
      ['date', 'new'],
      ['x-new', '2'],
      ['x-new', '3'],
    ],
    requestedAt: CAME + 1,
    receivedAt: CAME + 2,
  })
})

test.each([
  [{ etag: '"a"' }, { etag: '"a"' }, true],
  [{ etag: '"a"' }, { etag: '"b"' }, false],
  [{ 'content-length': '3' }, { 'content-length': '4' }, false],
  [{ 'last-modified': 'then' }, { 'last-modified': 'now' }, false],
  [{ etag: '"a"' }, {}, true],
])('a HEAD after %j that says %j is of the same representation: %s', (known, told, same) => {
  const fields = makeHead(told as Record<string, string>).fields
  const news = { fields, requestedAt: 0, receivedAt: 0 }
  expect(isSameRepresentation(makeHead(known as Record<string, string>), news)).toBe(same)
})
