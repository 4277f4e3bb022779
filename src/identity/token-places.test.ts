import { expect, test } from 'vitest'
import { makeExchange } from '../../test/exchange.ts'
import { fromSchema } from './from-schema.ts'
import { bindTokenPlaces, type TokenFrom } from './token-places.ts'

const bearer = { header: 'Authorization', prefix: 'Bearer' }

function read(from: TokenFrom, headers: Record<string, string>, query = '') {
  return bindTokenPlaces(from, [])(makeExchange({ headers, url: `https://a.example/${query}` }))
}

test.each(['Bearer abc', 'bearer abc', 'BEARER   abc'])('%j has the token abc', (authorization) => {
  expect(read(bearer, { authorization })).toEqual({
    kind: 'found',
    token: 'abc',
    place: { in: 'header', name: 'authorization' },
  })
})

test.each(['Basic YTpi', 'Bearerabc', 'DPoP abc'])('%j is another kind of credential', (value) => {
  expect(read(bearer, { authorization: value })).toEqual({ kind: 'absent' })
})

test('a scheme with nothing behind it is a credential, and an empty one', () => {
  expect(read(bearer, { authorization: 'Bearer' })).toMatchObject({ kind: 'found', token: '' })
})

test.each(['Bearer a, Bearer b', 'Basic YTpi, Bearer b', 'Bearer a, Basic YTpi'])(
  'the field twice, %j, is two credentials',
  (authorization) => {
    expect(read(bearer, { authorization })).toEqual({ kind: 'twice' })
  },
)

test('a header without prefix is the token as it stands', () => {
  expect(read({ header: 'X-API-Key' }, { 'x-api-key': 'k1' })).toMatchObject({ token: 'k1' })
  expect(read({ header: 'X-API-Key' }, { 'x-api-key': 'k1, k2' })).toEqual({ kind: 'twice' })
})

test('a cookie and a query parameter have tokens, and two of either are two credentials', () => {
  expect(read({ cookie: 't' }, { cookie: 'a=1; t=abc' })).toEqual({
    kind: 'found',
    token: 'abc',
    place: { in: 'cookie', name: 't' },
  })
  expect(read({ cookie: 't' }, { cookie: 't=abc; t=def' })).toEqual({ kind: 'twice' })
  expect(read({ query: 't' }, {}, '?t=a%2Bb')).toEqual({
    kind: 'found',
    token: 'a+b',
    place: { in: 'query', name: 't' },
  })
  expect(read({ query: 't' }, {}, '?t=a&%74=b')).toEqual({ kind: 'twice' })
})

test('of several places the first that has a token counts', () => {
  const from = [bearer, { cookie: 't' }]
  expect(read(from, { authorization: 'Bearer a', cookie: 't=b' })).toMatchObject({ token: 'a' })
  expect(read(from, { authorization: 'Basic x', cookie: 't=b' })).toMatchObject({ token: 'b' })
  expect(read(from, {})).toEqual({ kind: 'absent' })
})

test('the default places stand where the policy names none', () => {
  const readToken = bindTokenPlaces(undefined, bearer)
  expect(readToken(makeExchange({ headers: { authorization: 'Bearer a' } }))).toMatchObject({
    token: 'a',
  })
})

test.each([[[]], [{}], [{ header: 'a b' }], [{ header: 'a', cookie: 'b' }], [{ cookie: 'a;b' }]])(
  '%j is refused as a place',
  (from) => {
    expect(fromSchema.safeParse(from).success).toBe(false)
  },
)
