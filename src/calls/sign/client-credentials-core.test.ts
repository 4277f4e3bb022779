import { expect, test } from 'vitest'
import { describeTokenRequest, isRepeatable, readTokenAnswer } from './client-credentials-core.ts'

const question = {
  clientId: 'gate:way',
  clientSecret: 'p@ss ü',
  clientAuth: 'basic',
  scope: 'read write',
  audience: null,
} as const

test('id and secret are form-encoded before they are joined for Basic', () => {
  const { headers, body } = describeTokenRequest(question)
  expect(atob(headers.authorization?.slice('Basic '.length) ?? '')).toBe('gate%3Away:p%40ss+%C3%BC')
  expect(body).toBe('grant_type=client_credentials&scope=read+write')
})

test('with post both stand in the body, and nowhere else', () => {
  const { headers, body } = describeTokenRequest({
    ...question,
    clientAuth: 'post',
    scope: null,
    audience: 'users',
  })
  expect(headers.authorization).toBeUndefined()
  expect(body).toBe(
    'grant_type=client_credentials&audience=users&client_id=gate%3Away&client_secret=p%40ss+%C3%BC',
  )
})

const answer = { access_token: 'abc', token_type: 'Bearer', expires_in: 3600 }

test('a token of an hour is fetched again a minute before its end', () => {
  expect(readTokenAnswer(200, JSON.stringify(answer), 1000)).toEqual({
    kind: 'granted',
    token: 'abc',
    gotAt: 1000,
    refreshAt: 3_541_000,
    expiresAt: 3_596_000,
  })
})

test.each([
  ['of a minute', 60, 48_000, 55_000],
  ['of ten seconds as text', '10', 8000, 9000],
  ['of no stated time', undefined, 240_000, 295_000],
  ['of no known time', 'soon', 240_000, 295_000],
  ['that is over', 0, 0, 0],
  ['of a year', 31_536_000, 86_340_000, 86_395_000],
])('a token %s is told when to go', (_what, life, refreshAt, expiresAt) => {
  const text = JSON.stringify({ ...answer, expires_in: life })
  expect(readTokenAnswer(200, text, 0)).toMatchObject({ refreshAt, expiresAt })
})

test.each([
  [500, '{}', 'unreachable'],
  [429, '{}', 'unreachable'],
  [401, '{"error":"invalid_client"}', 'refused'],
  [302, '', 'refused'],
  [200, '<html>', 'invalid'],
  [200, 'null', 'invalid'],
  [200, '{"access_token":"abc"}', 'invalid'],
  [200, '{"access_token":"abc","token_type":"mac"}', 'invalid'],
  [200, '{"access_token":"a b","token_type":"bearer"}', 'invalid'],
  [200, '{"access_token":"a\\r\\nx: y","token_type":"bearer"}', 'invalid'],
  [200, '{"access_token":"","token_type":"bearer"}', 'invalid'],
  [200, '{"access_token":7,"token_type":"bearer"}', 'invalid'],
])('an answer of %i with %s is %s', (status, text, kind) => {
  expect(readTokenAnswer(status, text, 0)).toEqual({ kind })
})

test('only an idempotent call whose body is still there is made twice', () => {
  const stream = new Response('hello').body
  expect(isRepeatable('GET', null)).toBe(true)
  expect(isRepeatable('PUT', new ArrayBuffer(1))).toBe(true)
  expect(isRepeatable('PUT', stream)).toBe(false)
  expect(isRepeatable('POST', null)).toBe(false)
})
