import { expect, test } from 'vitest'
import { decodeText } from './charset.ts'
import { decodeXml } from './xml/encoding.ts'

const bytes = (...values: number[]) => new Uint8Array(values).buffer
const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0))
const wide = (text: string) => [...text].flatMap((character) => [character.charCodeAt(0), 0])
const big = (text: string) => [...text].flatMap((character) => [0, character.charCodeAt(0)])

test.each([
  ['UTF-8 unless said', bytes(0xc3, 0xbc), null, 'ü'],
  ['UTF-8 by its mark', bytes(0xef, 0xbb, 0xbf, 0x61), null, 'a'],
  ['latin1 by its label', bytes(0xfc), 'latin1', 'ü'],
  ['ISO-8859-1 in capitals', bytes(0xfc), 'ISO-8859-1', 'ü'],
  ['UTF-16 by its label', bytes(...wide('ab')), 'utf-16', 'ab'],
  ['UTF-16 by its mark', bytes(0xff, 0xfe, ...wide('ab')), null, 'ab'],
  ['big-endian UTF-16 by its mark', bytes(0xfe, 0xff, ...big('ab')), 'utf-8', 'ab'],
  ['a mark that says other than the label', bytes(0xef, 0xbb, 0xbf, 0xc3, 0xbc), 'latin1', 'ü'],
  ['Japanese', bytes(0x83, 0x65), 'shift_jis', 'テ'],
  ['nothing', bytes(), null, ''],
])('reads %s', (_, data, charset, text) => {
  expect(decodeText(data, charset)).toBe(text)
})

test.each([
  ['a byte that begins nothing', bytes(0xff), null],
  ['a character cut short', bytes(0xc3), null],
  ['an overlong form', bytes(0xc0, 0x80), null],
  ['a surrogate', bytes(0xed, 0xa0, 0x80), 'utf-8'],
  ['half a code unit', bytes(0x61, 0x00, 0x62), 'utf-16le'],
  ['a set that nobody knows', bytes(0x61), 'klingon'],
  ['a set that is a trap', bytes(0x61), 'iso-2022-kr'],
])('%s is no text', (_, data, charset) => {
  expect(decodeText(data, charset)).toBeNull()
})

const declared = (encoding: string, ...rest: number[]) =>
  bytes(...ascii(`<?xml version="1.0" encoding="${encoding}"?><a>`), ...rest, ...ascii('</a>'))

test.each([
  ['what the document says', declared('ISO-8859-1', 0xfc), null, 'ü'],
  ['the label before the document', declared('ISO-8859-1', 0xc3, 0xbc), 'utf-8', 'ü'],
  ['UTF-8 where nothing is said', bytes(...ascii('<a>'), 0xc3, 0xbc), null, 'ü'],
  ['UTF-16 by its zero bytes', bytes(...wide('<a>u')), null, 'u'],
  ['big-endian UTF-16 by its zero bytes', bytes(...big('<a>u')), null, 'u'],
  ['bytes that are no UTF-16 whatever they say', declared('UTF-16', 0xc3, 0xbc), null, 'ü'],
])('a document of XML is read by %s', (_, data, charset, part) => {
  expect(decodeXml(data, charset)).toContain(part)
})

test('a document in a set that nobody knows is no text', () => {
  expect(decodeXml(declared('klingon'), null)).toBeNull()
  expect(decodeXml(declared('UTF-8', 0xfc), null)).toBeNull()
})
