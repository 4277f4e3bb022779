import { expect, test } from 'vitest'
import {
  areHeadersAllowed,
  decideOrigin,
  isMethodAllowed,
  readAskedHeaders,
  readOrigins,
} from './core.ts'

const rules = readOrigins(
  ['https://App.example.com:443', 'http://localhost:3000', 'https://*.example.com'],
  false,
)

test.each([
  'https://app.example.com',
  'http://localhost:3000',
  'https://a.example.com',
  'https://a-b.example.com',
])('%s may read the answer and is told so by its own name', (origin) => {
  expect(decideOrigin(origin, rules)).toBe(origin)
})

test.each([
  'https://example.com',
  'https://a.b.example.com',
  'https://.example.com',
  'https://a.example.com.evil.example',
  'https://evil.example/.example.com',
  'https://evilexample.com',
  'https://a.example.com:8443',
  'http://a.example.com',
  'https://app.example.com.',
  'http://localhost',
  'null',
  '',
])('%j may not', (origin) => {
  expect(decideOrigin(origin, rules)).toBeNull()
})

test('a wildcard may have a port', () => {
  const withPort = readOrigins(['https://*.example.com:8443'], false)
  expect(decideOrigin('https://a.example.com:8443', withPort)).toBe('https://a.example.com:8443')
  expect(decideOrigin('https://a.example.com', withPort)).toBeNull()
})

test('any origin is told "*", and a request without one as well', () => {
  const any = readOrigins(['*'], false)
  expect(decideOrigin('https://x.example', any)).toBe('*')
  expect(decideOrigin(undefined, any)).toBe('*')
})

test('any origin is told by its own name where origins are reflected', () => {
  const any = readOrigins(['*'], true)
  expect(decideOrigin('https://x.example', any)).toBe('https://x.example')
  expect(decideOrigin(undefined, any)).toBeNull()
})

test.each([false, true])('the origin "null" never matches, reflected or not (%s)', (reflect) => {
  expect(decideOrigin('null', readOrigins(['*'], reflect))).toBeNull()
})

test('a method has to be listed, but HEAD goes with GET', () => {
  const listed = new Set(['GET', 'PUT'])
  expect(isMethodAllowed('PUT', listed)).toBe(true)
  expect(isMethodAllowed('HEAD', listed)).toBe(true)
  expect(isMethodAllowed('DELETE', listed)).toBe(false)
  expect(isMethodAllowed('DELETE', 'any')).toBe(true)
})

test('all headers that are asked for have to be listed', () => {
  const listed = new Set(['content-type', 'x-a'])
  expect(areHeadersAllowed(['x-a'], listed)).toBe(true)
  expect(areHeadersAllowed(['x-a', 'x-b'], listed)).toBe(false)
  expect(areHeadersAllowed(['x-b'], 'any')).toBe(true)
})

test('asked headers are read without case, spaces and empty entries', () => {
  expect(readAskedHeaders('X-A, ,content-type')).toEqual(['x-a', 'content-type'])
  expect(readAskedHeaders(undefined)).toEqual([])
})
