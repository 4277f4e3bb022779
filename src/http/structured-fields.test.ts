import { expect, test } from 'vitest'
import { parseDictionary, writeMember } from './structured-fields.ts'

/** Each member as it is written again; null where the text is no dictionary. */
function rewrite(text: string): Record<string, string> | null {
  const dictionary = parseDictionary(text)
  if (dictionary === null) return null
  return Object.fromEntries([...dictionary].map(([key, member]) => [key, writeMember(member)]))
}

test.each<[string, Record<string, string>]>([
  // The examples of RFC 9651 §3.
  ['en="Applepie", da=:w4ZibGV0w6ZydGU=:', { en: '"Applepie"', da: ':w4ZibGV0w6ZydGU=:' }],
  ['a=?0, b, c; foo=bar', { a: '?0', b: '?1', c: '?1;foo=bar' }],
  ['rating=1.5, feelings=(joy sadness)', { rating: '1.5', feelings: '(joy sadness)' }],
  [
    'a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid',
    { a: '(1 2)', b: '3', c: '4;aa=bb', d: '(5 6);valid' },
  ],
  [
    'n=("foo"; a=1;b=2);lvl=5, m=("bar" "baz");lvl=1',
    { n: '("foo";a=1;b=2);lvl=5', m: '("bar" "baz");lvl=1' },
  ],
  ['foo=1;a=tok, bar=@1659578233', { foo: '1;a=tok', bar: '@1659578233' }],
  ['a=1,b=2;x=1;y=2', { a: '1', b: '2;x=1;y=2' }],
  // §4.2: spaces around, tabs between, keys with all of their characters.
  ['  a=1 ,\tb=2  ', { a: '1', b: '2' }],
  ['*a_b-c.d*=1', { '*a_b-c.d*': '1' }],
  ['', {}],
  // The last value of a key counts, in a dictionary and in parameters.
  ['a=1, b=2, a=3', { a: '3', b: '2' }],
  ['a=1;x=1;y=2;x=3', { a: '1;x=3;y=2' }],
  // Bare items.
  ['a=-42, b=4.5, c=0042, d=1.0, e=-0.5', { a: '-42', b: '4.5', c: '42', d: '1.0', e: '-0.5' }],
  ['a="say \\"hi\\" \\\\"', { a: '"say \\"hi\\" \\\\"' }],
  ['a=foo123/456:x', { a: 'foo123/456:x' }],
  ['a=:aGVsbG8:', { a: ':aGVsbG8=:' }],
  ['a=()', { a: '()' }],
  ['a=( 1  2 )', { a: '(1 2)' }],
])('%j is read and written in its one form', (text, members) => {
  expect(rewrite(text)).toEqual(members)
})

test.each([
  'a=1,',
  'a=  1',
  'n=(("nested");lvl=5)',
  ',a=1',
  'a=1 b=2',
  'A=1',
  '1a=1',
  'a=',
  'a=1;',
  'a=1;B=2',
  'a="unclosed',
  'a="bad \\x escape"',
  'a="tab\there"',
  'a="é"',
  'a=:not base64!:',
  'a=:aGVsbG8=',
  'a=?2',
  'a=?',
  'a=1234567890123456',
  'a=1.',
  'a=1.2345',
  'a=1234567890123.1',
  'a=--1',
  'a=@1.5',
  'a=(1 2',
  'a=(1,2)',
  'a=("x""y")',
  'a=é',
  "a='x'",
])('%j is no dictionary', (text) => {
  expect(rewrite(text)).toBeNull()
})

test('a text of any length is read in time that grows with it', () => {
  const members = Array.from({ length: 5_000 }, (_, at) => `k${at}=("a";x=1 "b");y="z"`)
  expect(parseDictionary(members.join(', '))?.size).toBe(5_000)
  expect(rewrite(`a=(${' '.repeat(100_000)}`)).toBeNull()
})
