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

test('the words of the runtime never reach the client', () => {
  const refusal = judgeError(new Error('internal error; reference = abc 10.0.0.7'))
  expect(refusal.code).toBe('UPSTREAM_UNREACHABLE')
  expect(refusal.detail).not.toContain('10.0.0.7')
})

test('the fields that Connection names are those of this connection alone', () => {
  expect(namedByConnection('keep-alive, X-Internal ,x-b')).toEqual(['x-internal', 'x-b'])
  expect(namedByConnection('close')).toEqual([])
  expect(namedByConnection('Upgrade')).toEqual([])
})
