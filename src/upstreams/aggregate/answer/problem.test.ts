import { expect, test } from 'vitest'
import { failed } from '../../../../test/aggregate-run.ts'
import type { Code } from '../../../errors/catalogue.ts'
import { errorEntry, refusalOf } from './problem.ts'

test.each<readonly [number, Code, Code]>([
  [404, 'CALL_NOT_FOUND', 'CALL_NOT_FOUND'],
  [404, 'CALL_FAILED', 'CALL_NOT_FOUND'],
  [429, 'CALL_LIMITED', 'CALL_LIMITED'],
  [400, 'CALL_FAILED', 'CALL_FAILED'],
  [401, 'CALL_FAILED', 'CALL_FAILED'],
  [500, 'CALL_FAILED', 'CALL_FAILED'],
  [504, 'CALL_FAILED', 'CALL_FAILED'],
  [502, 'UPSTREAM_UNREACHABLE', 'CALL_FAILED'],
  [502, 'UPSTREAM_BODY_INVALID', 'CALL_FAILED'],
  [502, 'UPSTREAM_BODY_TOO_LARGE', 'CALL_FAILED'],
])('a required call with status %d and code %s is %s, with its name', (status, code, expected) => {
  const refusal = refusalOf('user', failed({ status, code }))
  expect(refusal).toMatchObject({ code: expected, members: { call: 'user' } })
  expect(refusal.status).toBeUndefined()
  expect(refusal.headers?.['isogate-complete']).toBe('false')
})

test.each<readonly [number, Code]>([
  [504, 'UPSTREAM_TIMEOUT'],
  [503, 'BREAKER_OPEN'],
  [503, 'NO_HEALTHY_TARGET'],
  [400, 'PATH_VALUE_INVALID'],
  [500, 'TRANSFORM_LIMIT'],
])('%d %s is the gateway’s own word for the whole', (status, code) => {
  expect(refusalOf('user', failed({ status, code }))).toMatchObject({
    code,
    status,
    members: { call: 'user' },
  })
})

test('what a service or a breaker asks to wait goes out with a 503, and with no other', () => {
  const limited = failed({ status: 429, code: 'CALL_LIMITED', retryAfter: '7' })
  expect(refusalOf('user', limited).headers?.['retry-after']).toBe('7')
  const open = failed({ status: 503, code: 'BREAKER_OPEN', retryAfter: '30' })
  expect(refusalOf('user', open).headers?.['retry-after']).toBe('30')
  const broken = failed({ status: 503, code: 'CALL_FAILED', retryAfter: '30' })
  expect(refusalOf('user', broken).headers).not.toHaveProperty('retry-after')
})

test('an entry names the call, its status and the page of its code', () => {
  const timeout = failed({ status: 504, code: 'UPSTREAM_TIMEOUT', title: 'Too late.' })
  expect(errorEntry('cart', null, timeout, 'https://api.example.com')).toEqual({
    call: 'cart',
    status: 504,
    type: 'https://api.example.com/_gateway/problems/upstream-timeout',
    title: 'Too late.',
  })
  expect(errorEntry('cart', 3, timeout, '')).toMatchObject({
    index: 3,
    type: '/_gateway/problems/upstream-timeout',
  })
})
