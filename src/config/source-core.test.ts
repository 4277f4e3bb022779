import { expect, test } from 'vitest'
import { decideLook, judgeCopy, lookPolicies } from './source-core.ts'

const policy = {
  refreshAfterMs: 10,
  waitAfterMs: 30,
  retryAfterMs: 5,
  storeTimeoutMs: 20,
  holdMs: 0,
}
const loaded = { loaded: true, failing: false, policy, lookedAt: 100 }

test.each([
  { now: 100, look: 'serve' },
  { now: 109, look: 'serve' },
  { now: 110, look: 'serve-then-look' },
  { now: 129, look: 'serve-then-look' },
  { now: 130, look: 'look-first' },
])('a table that was looked after at 100 answers at $now by $look', ({ now, look }) => {
  expect(decideLook({ ...loaded, now })).toBe(look)
})

test('an isolate that never looked looks first', () => {
  expect(decideLook({ ...loaded, loaded: false, lookedAt: null, now: 0 })).toBe('look-first')
})

test('an isolate without a table refuses for the retry interval and then looks first', () => {
  const empty = { ...loaded, loaded: false }
  expect(decideLook({ ...empty, now: 104 })).toBe('serve')
  expect(decideLook({ ...empty, now: 105 })).toBe('look-first')
})

test('a store that fails makes no request wait while a table is loaded', () => {
  expect(decideLook({ ...loaded, failing: true, now: 10_000 })).toBe('serve-then-look')
})

test('a clock that was set back makes a look due', () => {
  expect(decideLook({ ...loaded, now: 50 })).toBe('serve-then-look')
})

test('the policies keep the promise of the contract', () => {
  const kvMs = 60_000
  expect(kvMs + lookPolicies.cloudflare.waitAfterMs).toBeLessThanOrEqual(90_000)
  expect(lookPolicies.machine.waitAfterMs).toBeLessThan(1_000)
})

const known = { live: 'b', refused: 'x', stamp: 20, heldUntil: 0 }

test.each([
  { name: 'the version that serves', copy: { version: 'b', stamp: 5 }, verdict: 'same' },
  { name: 'a lower stamp', copy: { version: 'a', stamp: 10 }, verdict: 'stale' },
  { name: 'the same stamp', copy: { version: 'a', stamp: 20 }, verdict: 'stale' },
  { name: 'a higher stamp', copy: { version: 'c', stamp: 21 }, verdict: 'new' },
  { name: 'no stamp', copy: { version: 'c', stamp: null }, verdict: 'new' },
  {
    name: 'the version refused before',
    copy: { version: 'x', stamp: 30 },
    verdict: 'refused-before',
  },
] as const)('a copy with $name is $verdict', ({ copy, verdict }) => {
  expect(judgeCopy(copy, known, 50)).toBe(verdict)
})

test('a copy without stamp is stale for a while after a PUT', () => {
  const held = { ...known, heldUntil: 60 }
  expect(judgeCopy({ version: 'a', stamp: null }, held, 59)).toBe('stale')
  expect(judgeCopy({ version: 'a', stamp: null }, held, 60)).toBe('new')
})

test('an isolate without a table takes any copy', () => {
  const cold = { live: null, refused: null, stamp: 20, heldUntil: 60 }
  expect(judgeCopy({ version: 'a', stamp: 10 }, cold, 0)).toBe('new')
})
