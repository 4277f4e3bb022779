import { expect, test } from 'vitest'
import { componentValue, type SignableRequest, signatureBase } from './signature-base.ts'

/** The request of RFC 9421 appendix B.2. */
const request: SignableRequest = {
  method: 'POST',
  scheme: 'https',
  authority: 'example.com',
  path: '/foo',
  query: '?param=Value&Pet=dog',
  headers: {
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-length': '18',
  },
}

test('the signature base of appendix B.2.5 comes out as it is printed', () => {
  const names = ['date', '@authority', 'content-type']
  const params =
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
  const covered = names.map((name) => ({
    identifier: `"${name}"`,
    value: componentValue(name, request) ?? '',
  }))
  expect(signatureBase(covered, params)).toBe(
    [
      '"date": Tue, 20 Apr 2021 02:07:55 GMT',
      '"@authority": example.com',
      '"content-type": application/json',
      '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    ].join('\n'),
  )
})

test.each([
  ['@method', 'POST'],
  ['@scheme', 'https'],
  ['@target-uri', 'https://example.com/foo?param=Value&Pet=dog'],
  ['@request-target', '/foo?param=Value&Pet=dog'],
  ['@path', '/foo'],
  ['@query', '?param=Value&Pet=dog'],
])('%s is %s', (name, value) => {
  expect(componentValue(name, request)).toBe(value)
})

test('an absent query is a question mark alone', () => {
  expect(componentValue('@query', { ...request, query: '' })).toBe('?')
})

test.each([
  ['https', 'EXAMPLE.com:443', 'example.com'],
  ['http', 'example.com:80', 'example.com'],
  ['https', 'example.com:80', 'example.com:80'],
] as const)('the authority of %s %s is %s', (scheme, authority, value) => {
  expect(componentValue('@authority', { ...request, scheme, authority })).toBe(value)
})

test('what the request lacks has no value, be it inherited or derived from an answer', () => {
  expect(componentValue('x-other', request)).toBeNull()
  expect(componentValue('constructor', request)).toBeNull()
  expect(componentValue('@status', request)).toBeNull()
})

test('a folded field has single spaces and none around it', () => {
  const headers = { 'x-folded': '  one\r\n   two ' }
  expect(componentValue('x-folded', { ...request, headers })).toBe('one two')
})
