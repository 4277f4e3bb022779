import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { makeMark, markTag, tagOf, takeConditionsInside, unmarkTag } from './tags.ts'

const m = 'f00d'

test.each([
  ['a strong tag of changed bytes', '"abc"', true, 'W/"abc;f00d"'],
  ['a strong tag of bytes that stay', '"abc"', false, '"abc;f00d"'],
  ['a weak tag', 'W/"abc"', true, 'W/"abc;f00dw"'],
  ['a weak tag of bytes that stay', 'W/"abc"', false, 'W/"abc;f00dw"'],
  ['a tag without quotes, which is none', 'abc', true, 'abc'],
])('%s is marked', (_what, tag, isChanged, expected) => {
  expect(markTag(tag, m, isChanged)).toBe(expected)
})

test.each(['"abc"', 'W/"abc"', '""', '"a;b"', '"a;f00d"'])('%s comes back as it was', (tag) => {
  expect(unmarkTag(markTag(tag, m, true), m)).toBe(tag)
  expect(unmarkTag(markTag(tag, m, false), m)).toBe(tag)
})

test('two marks are taken back in turn', () => {
  const twice = markTag(markTag('"abc"', 'inner', true), 'outer', true)
  expect(unmarkTag(unmarkTag(twice, 'outer') ?? '', 'inner')).toBe('"abc"')
})

test.each(['"abc"', 'W/"abc;beef"', 'f00d', '*'])('%s has not this mark', (tag) => {
  expect(unmarkTag(tag, m)).toBeNull()
})

test('marks differ by any part, and are the same for the same parts', () => {
  const marks = [makeMark([{ a: 1 }, 'x']), makeMark([{ a: 2 }, 'x']), makeMark([{ a: 1 }, 'y'])]
  expect(new Set(marks).size).toBe(3)
  expect(makeMark([{ a: 1 }, 'x'])).toBe(marks[0])
  expect(marks[0]).toMatch(/^[0-9a-f]{16}$/)
})

test('the tag of an answer is marked, and made weak', () => {
  const tag = tagOf(new Response('x', { headers: { etag: '"abc"' } }))
  expect(markTag(tag ?? '', m, true)).toBe('W/"abc;f00d"')
  expect(tagOf(new Response('x'))).toBeNull()
})

test('the tag of an encoded answer is weak, as it will be where it is kept', () => {
  const headers = { etag: '"abc"', 'content-encoding': 'gzip' }
  const tag = tagOf(new Response('x', { headers }))
  expect(markTag(tag ?? '', m, true)).toBe('W/"abc;f00dw"')
})

function inside(headers: Record<string, string>, method = 'GET') {
  const exchange = makeExchange({ headers, method })
  takeConditionsInside(exchange, m)
  const { received, outgoing } = exchange
  // The cache asks the one, the service the other.
  expect({ ...received }).toEqual({ ...outgoing.headers })
  return { ...received }
}

test('own tags of If-None-Match are told inside without the mark, others are not told', () => {
  expect(inside({ 'if-none-match': 'W/"a;f00d", "b", W/"c;f00dw"' })).toEqual({
    'if-none-match': '"a", W/"c"',
  })
})

test('where no tag is left nothing else may say that the client has this form', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  expect(inside({ 'if-none-match': '"b"', 'if-modified-since': date })).toEqual({})
  expect(inside({ 'if-modified-since': date })).toEqual({ 'if-modified-since': date })
})

test('the star stays', () => {
  expect(inside({ 'if-none-match': '*' })).toEqual({ 'if-none-match': '*' })
})

test('a range of a form cannot be had', () => {
  expect(inside({ range: 'bytes=0-1', 'if-range': '"a"' })).toEqual({})
})

test('what guards a change stays, though the tag be a stranger', () => {
  expect(inside({ 'if-match': '"b", W/"a;f00d"' }, 'PUT')).toEqual({ 'if-match': '"b", "a"' })
  expect(inside({ 'if-none-match': '"b"' }, 'PUT')).toEqual({ 'if-none-match': '"b"' })
})

test('a request without conditions keeps its very fields', () => {
  const exchange = makeExchange({ headers: { accept: '*/*' } })
  const { received } = exchange
  takeConditionsInside(exchange, m)
  expect(exchange.received).toBe(received)
})
