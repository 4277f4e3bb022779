import { expect, test } from 'vitest'
import { refuse } from '../../errors/refusal.ts'
import { decides, isForeign, joinChallenges } from './core.ts'

test('a credential that is not there decides nothing', () => {
  expect(decides({ kind: 'absent' })).toBe(false)
})

test('a bad credential decides as much as a good one', () => {
  const refusal = refuse('CREDENTIALS_INVALID')
  expect(decides({ kind: 'refused', refusal, reason: 'key-unknown' })).toBe(true)
})

test('a source that cannot be asked decides: the next one may not know better', () => {
  const refusal = refuse('IDENTITY_UNAVAILABLE')
  expect(decides({ kind: 'unavailable', refusal, reason: 'jwks-unreachable' })).toBe(true)
})

test('each alternative challenges once', () => {
  expect(joinChallenges(['Bearer', 'Basic realm="a"', 'Bearer', ''])).toBe(
    'Bearer, Basic realm="a"',
  )
})

test('a credential of another authority leaves the decision to those who read the same', () => {
  const refusal = refuse('CREDENTIALS_INVALID')
  const found = { kind: 'refused', refusal, reason: 'issuer-unknown', foreign: true } as const
  expect(decides(found)).toBe(false)
  expect(isForeign(found)).toBe(true)
  expect(isForeign({ kind: 'refused', refusal, reason: 'key-unknown' })).toBe(false)
})
