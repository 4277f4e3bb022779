import { expect, test } from 'vitest'
import { mediaTypeOf } from './format.ts'
import { formatOf } from './media-type.ts'

test.each([
  [undefined, null, null],
  ['', null, null],
  ['json', null, null],
  ['application/json', 'json', null],
  ['Application/JSON; Charset=UTF-8', 'json', 'utf-8'],
  ['application/problem+json', 'json', null],
  ['application/vnd.a.v2+json;v=1;charset="latin1"', 'json', 'latin1'],
  ['text/xml;charset=utf-16', 'xml', 'utf-16'],
  ['application/soap+xml; charset=utf-8; action="x"', 'xml', 'utf-8'],
  ['text/csv', 'csv', null],
  ['application/x-www-form-urlencoded', 'form', null],
  ['application/cbor', 'cbor', null],
  ['application/senml+cbor', 'cbor', null],
  ['application/vnd.msgpack', 'msgpack', null],
  ['application/x-msgpack', 'msgpack', null],
  ['text/plain; charset=iso-8859-1', 'text', 'iso-8859-1'],
  ['text/html', 'text', null],
  ['text/event-stream', null, null],
  ['application/x-ndjson', null, null],
  ['application/json-seq', null, null],
  ['multipart/form-data; boundary=x', null, null],
  ['application/octet-stream', null, null],
  ['application/jsonx', null, null],
  ['application/json, text/plain', null, null],
  ['constructor', null, null],
])('%j is read as %s', (contentType, format, charset) => {
  expect(formatOf(contentType)).toEqual({ format, charset })
})

test('what is written is read as the same format', () => {
  for (const [format, mediaType] of Object.entries(mediaTypeOf)) {
    expect(formatOf(mediaType).format).toBe(format)
  }
})
