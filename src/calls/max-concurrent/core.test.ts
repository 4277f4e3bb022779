import { expect, test } from 'vitest'
import { slotClaim } from './core.ts'

test('a number is a limit, and a store that fails is counted around', () => {
  expect(slotClaim('users', 200)).toEqual({
    label: 'upstream:users',
    place: {
      policy: 'upstream:users',
      object: 'upstream:users|slots',
      bucket: '',
      location: null,
    },
    shape: { kind: 'slots', limit: 200 },
    cost: 1,
    storeTimeoutMs: 1_000,
    onStoreFault: 'local',
  })
})

test('what a failed store means can be said', () => {
  const claim = slotClaim('users', { limit: 5, storeTimeoutMs: 50, onStoreFault: 'deny' })
  expect(claim).toMatchObject({ storeTimeoutMs: 50, onStoreFault: 'deny', shape: { limit: 5 } })
})

test('an upstream written in its route has slots of its own', () => {
  const inRoute = slotClaim('route:users', 1).place.object
  expect(inRoute).not.toBe(slotClaim('users', 1).place.object)
})

test('a name of any length gives an object that the platform can name', () => {
  const long = 'é'.repeat(600)
  const other = `${'é'.repeat(599)}e`
  expect(new TextEncoder().encode(slotClaim(long, 1).place.object).length).toBeLessThan(1_024)
  expect(slotClaim(long, 1).place.object).not.toBe(slotClaim(other, 1).place.object)
})
