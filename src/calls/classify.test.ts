import { expect, test } from 'vitest'
import { refuse } from '../errors/refusal.ts'
import {
  bindFailureRules,
  type FailureRule,
  isFailed,
  readTry,
  type TryResult,
} from './classify.ts'

const answered = (status: number, retryAfterMs: number | null = null): TryResult => ({
  status,
  failure: null,
  retryAfterMs,
})
const failed = (failure: TryResult['failure'], status: number | null = null): TryResult => ({
  status,
  failure,
  retryAfterMs: null,
})

test('an answer is read by its status, and asks for a rest only with 429 and 503', () => {
  const headers = { 'retry-after': '2' }
  expect(readTry(new Response(null, { status: 503, headers }), 0)).toEqual(answered(503, 2_000))
  expect(readTry(new Response(null, { status: 429, headers }), 0)).toEqual(answered(429, 2_000))
  expect(readTry(new Response(null, { status: 500, headers }), 0)).toEqual(answered(500))
})

test('a failure that went out as a problem keeps what it was', () => {
  const refusal = refuse('UPSTREAM_UNREACHABLE', {
    failure: 'connect-failure',
    upstreamStatus: 521,
  })
  expect(readTry(refusal, 0)).toEqual(failed('connect-failure', 521))
})

test('what the gateway itself refused is no outcome of a target', () => {
  expect(readTry(refuse('UPSTREAM_AUTH_FAILED'), 0)).toBeNull()
  expect(readTry(refuse('BREAKER_OPEN', { unsent: true }), 0)).toBeNull()
})

test.each([
  [answered(200), false],
  [answered(404), false],
  [answered(429, 1_000), false],
  [answered(500), true],
  [failed(null, 529), true],
  [failed('timeout'), true],
  [failed('connect-failure'), true],
])('whether %j is a failure: %s', (result, expected) => {
  expect(isFailed(result)).toBe(expected)
})

test.each<[FailureRule, TryResult, boolean]>([
  ['connect-failure', failed('connect-failure'), true],
  ['connect-failure', failed('reset'), false],
  ['reset', failed('reset', 520), true],
  ['timeout', failed('timeout'), true],
  ['5xx', answered(500), true],
  ['5xx', failed(null, 529), true],
  ['5xx', failed('reset'), false],
  ['5xx', answered(499), false],
  ['gateway-error', answered(502), true],
  ['gateway-error', answered(504), true],
  ['gateway-error', answered(500), false],
  ['retry-after', answered(503, 0), true],
  ['retry-after', answered(503), false],
  ['retry-after', answered(429, 5_000), true],
  [503, answered(503), true],
  [521, failed('connect-failure', 521), true],
  [503, answered(502), false],
])('the rule %j names %j: %s', (rule, result, expected) => {
  expect(bindFailureRules([rule])(result)).toBe(expected)
})
