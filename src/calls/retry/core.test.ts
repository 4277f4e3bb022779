import { expect, test } from 'vitest'
import { bindFailureRules, type TryResult } from '../classify.ts'
import { backoffMs, decide, isIdempotent, type RetryRules, type Standing } from './core.ts'

const rules: RetryRules = {
  attempts: 3,
  isRetried: bindFailureRules(['connect-failure', 'reset', 'timeout', 503]),
  backoff: { kind: 'exponential', baseMs: 100, maxMs: 1_000 },
}
const reset: TryResult = { status: null, failure: 'reset', retryAfterMs: null }
const refused: TryResult = { status: null, failure: 'connect-failure', retryAfterMs: null }
const unavailable: TryResult = { status: 503, failure: null, retryAfterMs: null }
const ok: TryResult = { status: 200, failure: null, retryAfterMs: null }
const standing: Standing = {
  tries: 1,
  result: reset,
  isRepeatable: true,
  isReplayable: true,
  leftMs: null,
  fraction: 0.5,
}

test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s may be repeated', (method) => {
  expect(isIdempotent(method)).toBe(true)
})

test.each(['POST', 'PATCH', 'CONNECT', 'PURGE', 'get'])('%s may not be repeated', (method) => {
  expect(isIdempotent(method)).toBe(false)
})

test.each<[string, Partial<Standing>, string]>([
  ['an answer that no rule names', { result: ok }, 'answered'],
  ['the last attempt', { tries: 3 }, 'attempts'],
  ['a POST that may have arrived', { isRepeatable: false }, 'not-idempotent'],
  ['a body that streamed by', { isReplayable: false }, 'body'],
  ['a body that streamed by, and no connection', { result: refused, isReplayable: false }, 'body'],
  ['less time than the wait takes', { leftMs: 50 }, 'time'],
  ['no time at all', { leftMs: 0, fraction: 0 }, 'time'],
  [
    'a longer rest than the operator waits',
    { result: { ...unavailable, retryAfterMs: 1_001 } },
    'retry-after',
  ],
  [
    'a rest that ends after the deadline',
    { result: { ...unavailable, retryAfterMs: 500 }, leftMs: 400 },
    'time',
  ],
])('%s ends the tries', (_, part, reason) => {
  expect(decide(rules, { ...standing, ...part })).toEqual({ kind: 'done', reason })
})

test.each<[string, Partial<Standing>, number]>([
  ['a failure of a GET', {}, 50],
  ['the second failure', { tries: 2 }, 100],
  ['a POST that was certainly not sent', { result: refused, isRepeatable: false }, 50],
  ['just enough time', { leftMs: 51 }, 50],
  ['a rest of the service', { result: { ...unavailable, retryAfterMs: 700 } }, 700],
  ['a rest shorter than the backoff', { result: { ...unavailable, retryAfterMs: 0 } }, 50],
])('%s is tried again', (_, part, waitMs) => {
  expect(decide(rules, { ...standing, ...part })).toEqual({ kind: 'again', waitMs })
})

test.each([
  ['exponential', [100, 200, 400, 800, 1_000, 1_000]],
  ['linear', [100, 200, 300, 400, 500, 600]],
  ['constant', [100, 100, 100, 100, 100, 100]],
] as const)('the longest waits of %s backoff', (kind, waits) => {
  const almost = 1 - Number.EPSILON
  const backoff = { ...rules.backoff, kind }
  const longest = [1, 2, 3, 4, 5, 6].map((n) => Math.ceil(backoffMs(backoff, n, almost) / 10) * 10)
  expect(longest).toEqual(waits)
})

test('with full jitter a wait may be nothing', () => {
  expect(backoffMs(rules.backoff, 3, 0)).toBe(0)
})
