import { expect, test } from 'vitest'
import { isStreamed, slotsOf } from './core.ts'

test('the bucket has a slot for each request that may run', () => {
  expect(slotsOf(4)).toEqual({ kind: 'slots', limit: 4 })
})

test('an answer of a service may go on after its headers, one of the gateway does not', () => {
  expect(isStreamed({ upstream: 'users' })).toBe(true)
  expect(isStreamed({ upstream: null })).toBe(false)
})
