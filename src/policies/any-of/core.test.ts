import { expect, test } from 'vitest'
import { refuse } from '../../errors/refusal.ts'
import { decides, joinChallenges } from './core.ts'

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
