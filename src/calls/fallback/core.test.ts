/** When a call falls back, and what another upstream may be given. */
import { expect, test } from 'vitest'
import { refuse } from '../../errors/refusal.ts'
import { fails, leftOf, whyNot } from './core.ts'

test.each([500, 502, 503, 504, 501, 599])('an answer %d is a failure of the service', (status) => {
  expect(fails(new Response(null, { status }))).toBe(true)
})

test.each([200, 204, 304, 400, 404, 429])('an answer %d is the answer', (status) => {
  expect(fails(new Response(null, { status }))).toBe(false)
})

test.each([
  'BREAKER_OPEN',
  'UPSTREAM_FULL',
  'NO_HEALTHY_TARGET',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNREACHABLE',
  'DEADLINE_TOO_SHORT',
  'STORE_UNAVAILABLE',
] as const)('%s is a failure', (code) => {
  expect(fails(refuse(code))).toBe(true)
})

test('what is wrong with the request is no failure of the service', () => {
  expect(fails(refuse('HEADER_VALUE_INVALID'))).toBe(false)
  expect(fails(refuse('BODY_TOO_LARGE'))).toBe(false)
  expect(fails(refuse('INTERNAL_ERROR', { status: 400 }))).toBe(false)
})

const post = { method: 'POST', wasSent: true, hasBody: true, nonIdempotent: false }

test('a request that may not be repeated goes on only where nothing was sent', () => {
  expect(whyNot(post)).toBe('method')
  expect(whyNot({ ...post, wasSent: false })).toBeNull()
  expect(whyNot({ ...post, nonIdempotent: true })).toBeNull()
  expect(whyNot({ ...post, method: 'PUT' })).toBeNull()
})

test('a body that is gone is not sent again', () => {
  expect(whyNot({ ...post, method: 'PUT', hasBody: false })).toBe('body')
  expect(whyNot({ ...post, hasBody: false })).toBe('method')
})

const none = { firstMs: null, nextMs: null }

test('without limits there is time', () => {
  expect(leftOf({ routeMs: null, defaultMs: null }, none, 5_000)).toEqual({
    routeMs: null,
    defaultMs: null,
  })
})

test('the limit of the route bounds the whole chain', () => {
  const limits = { routeMs: 1_000, defaultMs: null }
  expect(leftOf(limits, none, 400)).toEqual({ routeMs: 600, defaultMs: null })
  expect(leftOf(limits, { firstMs: 10, nextMs: 9_000 }, 1_000)).toBeNull()
})

test('the limit of defaults bounds the chain where it was in force, and an upstream with its own has that', () => {
  const limits = { routeMs: null, defaultMs: 1_000 }
  expect(leftOf(limits, none, 400)).toEqual({ routeMs: null, defaultMs: 600 })
  expect(leftOf(limits, none, 1_000)).toBeNull()
  expect(leftOf(limits, { firstMs: null, nextMs: 300 }, 1_000)).not.toBeNull()
})

test('what an upstream took of its own time is not taken from the next', () => {
  const limits = { routeMs: null, defaultMs: 1_000 }
  expect(leftOf(limits, { firstMs: 2_000, nextMs: null }, 2_000)).toEqual(limits)
})
