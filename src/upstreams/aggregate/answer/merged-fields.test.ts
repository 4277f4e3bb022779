import { expect, test } from 'vitest'
import { fields } from '../../../../test/exchange.ts'
import { mergeCacheControl, mergeVary, type Source } from './merged-fields.ts'

function source(headers: Readonly<Record<string, string>>, more: Partial<Source> = {}): Source {
  return { headers: fields(headers), madeOf: (name) => [name], isAuthorized: false, ...more }
}

const parts = (...texts: readonly string[]) =>
  texts.map((text) => source(text === '' ? {} : { 'cache-control': text }))

test.each([
  ['the smallest lifetime', ['max-age=60', 'max-age=10', 'max-age=300'], 'max-age=10'],
  ['no lifetime where one part states none', ['max-age=60', ''], null],
  ['nothing where no part says anything', ['', ''], null],
  ['private where any is', ['max-age=60', 'private, max-age=100'], 'private, max-age=60'],
  ['private alone where one states no lifetime', ['private', 'max-age=5'], 'private'],
  ['public only where all are', ['public, max-age=9', 'public, max-age=8'], 'public, max-age=8'],
  ['not public where one is not', ['public, max-age=9', 'max-age=8'], 'max-age=8'],
  ['no-store alone', ['no-store', 'private, max-age=8'], 'no-store'],
  ['no-cache where any is', ['no-cache', 'max-age=8'], 'no-cache'],
  ['must-revalidate', ['max-age=9, must-revalidate', 'max-age=8'], 'must-revalidate, max-age=8'],
  [
    'a lifetime in shared caches',
    ['max-age=9, s-maxage=30', 'max-age=20'],
    'max-age=9, s-maxage=20',
  ],
  ['one that only shared caches have', ['s-maxage=30', 'max-age=20'], 's-maxage=20'],
  [
    'none for shared caches beside private',
    ['private, max-age=9', 's-maxage=4, max-age=9'],
    'private, max-age=9',
  ],
  [
    'stale windows that all allow',
    ['max-age=9, stale-if-error=5', 'max-age=9, stale-if-error=7'],
    'max-age=9, stale-if-error=5',
  ],
  [
    'no stale window that one does not allow',
    ['max-age=9, stale-while-revalidate=5', 'max-age=9'],
    'max-age=9',
  ],
  ['what cannot be read as stale', ['max-age=soon', 'max-age=9'], 'max-age=0'],
  [
    'nothing for a list of fields that stay behind',
    ['no-cache="set-cookie", max-age=9'],
    'max-age=9',
  ],
])('Cache-Control of the whole has %s', (_, texts, expected) => {
  expect(mergeCacheControl(parts(...texts))).toBe(expected)
})

test('what a part has been kept already counts, and never below zero', () => {
  const aged = source({ 'cache-control': 'max-age=60', age: '25' })
  expect(mergeCacheControl([aged, ...parts('max-age=50')])).toBe('max-age=35')
  const stale = source({ 'cache-control': 'max-age=60', age: '61' })
  expect(mergeCacheControl([stale])).toBe('max-age=0')
})

test('Expires is a lifetime from Date on, and none that can be trusted without it', () => {
  const expires = 'Thu, 01 Jan 2026 00:01:00 GMT'
  const dated = source({ expires, date: 'Thu, 01 Jan 2026 00:00:00 GMT' })
  expect(mergeCacheControl([dated])).toBe('max-age=60')
  expect(mergeCacheControl([source({ expires })])).toBe('max-age=0')
  expect(mergeCacheControl([source({ expires: '0', date: expires })])).toBe('max-age=0')
})

test('an answer to credentials is one caller’s unless it says itself that it is not', () => {
  const own = source({ 'cache-control': 'max-age=60' }, { isAuthorized: true })
  expect(mergeCacheControl([own, ...parts('max-age=60, must-revalidate')])).toBe(
    'private, must-revalidate, max-age=60',
  )
  const open = source({ 'cache-control': 'public, max-age=60' }, { isAuthorized: true })
  expect(mergeCacheControl([open, ...parts('max-age=60')])).toBe('max-age=60')
})

test('an answer that is made of no part says nothing', () => {
  expect(mergeCacheControl([])).toBeNull()
  expect(mergeVary([], [])).toBeNull()
})

const varies = (vary: string, forwarded: readonly string[]) =>
  source({ vary }, { madeOf: (name) => (forwarded.includes(name) ? [name] : []) })

test('Vary of the whole has the fields that went on to a service which varies by them', () => {
  const sources = [
    varies('Accept-Language, Accept-Encoding', ['accept-language']),
    varies('X-Shop, accept-language', ['accept-language', 'x-shop']),
  ]
  expect(mergeVary(sources, [])).toBe('accept-language, x-shop')
  expect(mergeVary([varies('accept-encoding', [])], [])).toBeNull()
})

test('Vary of the whole has the fields that its calls are made of, whatever services say', () => {
  expect(mergeVary([varies('accept-language', ['accept-language'])], ['x-tenant'])).toBe(
    'accept-language, x-tenant',
  )
  expect(mergeVary([source({})], ['x-tenant'])).toBe('x-tenant')
})

test('a part that varies by anything makes the whole do so', () => {
  expect(mergeVary([varies('accept-language', ['accept-language']), varies('*', [])], ['x'])).toBe(
    '*',
  )
})
