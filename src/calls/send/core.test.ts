import { expect, test } from 'vitest'
import { judgeError, judgeStatus, namedByConnection } from './core.ts'

test.each([200, 204, 304, 404, 500, 503, 519, 531, 599])('status %d is passed on', (status) => {
  expect(judgeStatus(status, false)).toBeNull()
})

test.each([100, 103, 199, 600, 999])('status %d is a bad status', (status) => {
  expect(judgeStatus(status, false)?.code).toBe('UPSTREAM_BAD_STATUS')
})

test('101 is passed on only where the client asked for an upgrade', () => {
  expect(judgeStatus(101, true)).toBeNull()
  expect(judgeStatus(101, false)?.code).toBe('UPSTREAM_BAD_STATUS')
})

test.each([
  [520, 'UPSTREAM_UNREACHABLE'],
  [522, 'UPSTREAM_TIMEOUT'],
  [524, 'UPSTREAM_TIMEOUT'],
  [530, 'UPSTREAM_UNREACHABLE'],
])('status %d of the edge is the problem %s', (status, code) => {
  expect(judgeStatus(status, false)?.code).toBe(code)
})

test.each([
  [520, 'reset', undefined],
  [521, 'connect-failure', true],
  [522, 'connect-failure', true],
  [523, 'connect-failure', true],
  [524, 'reset', undefined],
  [525, 'connect-failure', true],
  [526, 'connect-failure', true],
  [527, undefined, undefined],
  [530, 'connect-failure', true],
] as const)('status %d of the edge is the failure %s', (status, failure, unsent) => {
  const refusal = judgeStatus(status, false)
  expect(refusal?.failure).toBe(failure)
  expect(refusal?.unsent).toBe(unsent)
  expect(refusal?.upstreamStatus).toBe(status)
})

test('the words of the runtime never reach the client', () => {
  const refusal = judgeError(new Error('internal error; reference = abc 10.0.0.7'), false)
  expect(refusal.code).toBe('UPSTREAM_UNREACHABLE')
  expect(refusal.detail).not.toContain('10.0.0.7')
})

test('a name that does not resolve, or TLS that fails, is a connection that did not come about', () => {
  const refusal = judgeError(new Error('internal error; reference = abc'), false)
  expect(refusal).toMatchObject({ failure: 'connect-failure', unsent: true })
})

test('a lost connection may have carried the request: it counts as reset', () => {
  const refusal = judgeError(new Error('Network connection lost.'), false)
  expect(refusal.failure).toBe('reset')
  expect(refusal.unsent).toBeUndefined()
})

test('an internal error from behind a binding may come after the request was taken', () => {
  const refusal = judgeError(new Error('internal error; reference = abc'), true)
  expect(refusal.failure).toBe('reset')
  expect(refusal.unsent).toBeUndefined()
})

test('the fields that Connection names are those of this connection alone', () => {
  expect(namedByConnection('keep-alive, X-Internal ,x-b')).toEqual(['x-internal', 'x-b'])
  expect(namedByConnection('close')).toEqual([])
  expect(namedByConnection('Upgrade')).toEqual([])
})
