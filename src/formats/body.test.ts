/** All formats together: what no bytes and no value may do. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBody } from './decode.ts'
import { encodeBody } from './encode.ts'
import type { Format } from './format.ts'

const formats: readonly Format[] = ['json', 'xml', 'csv', 'form', 'cbor', 'msgpack', 'text']
const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).slice().buffer

test('the character set of the Content-Type counts where text is read', () => {
  const latin = new Uint8Array([0x22, 0xfc, 0x22]).buffer
  expect(decodeBody(latin, 'json', { charset: 'iso-8859-1' })).toEqual({
    kind: 'value',
    value: 'ü',
  })
  expect(decodeBody(latin, 'json', {})).toMatchObject({ kind: 'invalid' })
  expect(decodeBody(latin, 'text', { charset: 'latin1' })).toEqual({ kind: 'value', value: '"ü"' })
})

test('a byte order mark is no part of the text', () => {
  for (const format of ['json', 'xml', 'csv', 'form', 'text'] as const) {
    const text = format === 'xml' ? '<a/>' : '1'
    const marked = decodeBody(bytesOf(`\ufeff${text}`), format, {})
    expect(marked).toEqual(decodeBody(bytesOf(text), format, {}))
    expect(marked.kind).toBe('value')
  }
})

test('options reach the format that they are for', () => {
  expect(encodeBody({ a: 1 }, 'xml', { xml: { declaration: false, root: 'r' } })).toEqual({
    kind: 'bytes',
    bytes: '<r><a>1</a></r>',
  })
  expect(encodeBody([{ a: 1 }], 'csv', { csv: { header: false } })).toMatchObject({
    bytes: '1\r\n',
  })
  expect(decodeBody(bytesOf('<a><b/></a>'), 'xml', { xml: { arrays: ['a.b'] } })).toMatchObject({
    value: { a: { b: [''] } },
  })
  expect(decodeBody(bytesOf('a;b\n1;2'), 'csv', { csv: { delimiter: ';' } })).toMatchObject({
    value: [{ a: '1', b: '2' }],
  })
})

test.each([
  ['x', 'x'],
  [1.5, '1.5'],
  [false, 'false'],
  [null, ''],
  [undefined, ''],
])('text is written from %j', (value, bytes) => {
  expect(encodeBody(value, 'text', {})).toEqual({ kind: 'bytes', bytes })
})

test('no text is written from an object or a list', () => {
  expect(encodeBody({}, 'text', {})).toMatchObject({ kind: 'invalid' })
  expect(encodeBody([1], 'text', {})).toMatchObject({ kind: 'invalid' })
})

/** Bytes near what formats have, so that parsers come far. */
const pieces = fc.array(
  fc.constantFrom(
    ...'<a>|</a>|<a b="|"/>|<![CDATA[|]]>|<!--|-->|<?x|?>|&amp;|&#1;|{|}|[|]|"|:|,|1|=|&|%41|%|\r\n|\ufeff|\u0000|ü'.split(
      '|',
    ),
  ),
  { maxLength: 20 },
)
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((data) => data.slice().buffer),
  pieces.map((parts) => bytesOf(parts.join(''))),
)

test('no bytes make reading throw, and what is read can be written again', () => {
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(...formats), (bytes, format) => {
      const read = decodeBody(bytes, format, {})
      if (read.kind === 'invalid') expect(read.reason).not.toBe('')
      else expect(encodeBody(read.value, 'json', {}).kind).toBe('bytes')
    }),
    { numRuns: 2_000 },
  )
})

test('no value makes writing throw', () => {
  const values = fc.anything({
    withBigInt: true,
    withSparseArray: true,
    withDate: true,
  })
  fc.assert(
    fc.property(values, fc.constantFrom(...formats), (value, format) => {
      expect(['bytes', 'invalid']).toContain(encodeBody(value, format, {}).kind)
    }),
    { numRuns: 2_000 },
  )
})
