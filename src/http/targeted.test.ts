import { expect, test } from 'vitest'
import { governingDirectives } from './targeted.ts'

function governing(fields: Readonly<Record<string, string>>) {
  const { directives, targeted } = governingDirectives((name) => fields[name] ?? null)
  return { targeted, directives: Object.fromEntries(directives) }
}

test('the field of this gateway is asked before that of all of them, and both before Cache-Control', () => {
  const all = {
    'cache-control': 'no-store',
    'cdn-cache-control': 'max-age=2',
    'isogate-cache-control': 'max-age=3',
  }
  expect(governing(all)).toEqual({ targeted: true, directives: { 'max-age': '3' } })
  expect(governing({ ...all, 'isogate-cache-control': '&&' })).toEqual({
    targeted: true,
    directives: { 'max-age': '2' },
  })
})

test.each([
  // RFC 9213 §2.1: what is no dictionary, or an empty one, is as if it were not there.
  'max-age=10000, &&&&&',
  'MaX-aGe=3600',
  'max-age =100',
  'max-age= 100',
  '',
])('`CDN-Cache-Control: %s` leaves the word to Cache-Control', (field) => {
  expect(governing({ 'cdn-cache-control': field, 'cache-control': 'no-store' })).toEqual({
    targeted: false,
    directives: { 'no-store': null },
  })
})

test.each([
  ['max-age="10000"', {}],
  ['max-age=1.5, no-store', { 'no-store': null }],
  ['max-age=-1', {}],
  ['private=?0, no-cache', { 'no-cache': null }],
  ['no-cache="a, b"', { 'no-cache': 'a, b' }],
  ['foo=(a b), max-age=1', { 'max-age': '1' }],
])('of `%s` what has a type of its own counts, and Cache-Control does not', (field, directives) => {
  expect(governing({ 'cdn-cache-control': field, 'cache-control': 'max-age=9' })).toEqual({
    targeted: true,
    directives,
  })
})
