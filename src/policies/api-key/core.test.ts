import { expect, test } from 'vitest'
import type { KeyRecord } from '../../identity/keys/record.ts'
import { decideFault, judgeKey } from './core.ts'

const record: KeyRecord = {
  id: 'k1',
  prefix: 'isg_live_abcd…',
  consumer: 'shop',
  plan: null,
  scopes: [],
  roles: [],
  permissions: [],
  metadata: {},
  routes: null,
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
  replacedBy: null,
  graceUntil: null,
  changedAt: 0,
  description: null,
}

test('a key without an end is accepted on every route', () => {
  expect(judgeKey(record, 'users', 1_000_000)).toEqual({ kind: 'accepted' })
})

test('a key is accepted until the millisecond at which it expires', () => {
  const ending = { ...record, expiresAt: 100 }
  expect(judgeKey(ending, 'users', 99).kind).toBe('accepted')
  expect(judgeKey(ending, 'users', 100)).toEqual({ kind: 'refused', reason: 'key-expired' })
})

test('a replaced key is accepted until its grace is over', () => {
  const replaced = { ...record, replacedBy: 'k2', graceUntil: 100 }
  expect(judgeKey(replaced, 'users', 99).kind).toBe('accepted')
  expect(judgeKey(replaced, 'users', 100)).toEqual({ kind: 'refused', reason: 'key-replaced' })
})

test('a replaced key without a grace is refused', () => {
  const replaced = { ...record, replacedBy: 'k2' }
  expect(judgeKey(replaced, 'users', 0)).toEqual({ kind: 'refused', reason: 'key-replaced' })
})

test('a revoked key is refused whatever else its record says', () => {
  const revoked = { ...record, revokedAt: 500, replacedBy: 'k2', graceUntil: 900, expiresAt: 100 }
  // Also by an isolate whose clock is behind that of the one that revoked it.
  expect(judgeKey(revoked, 'users', 400)).toEqual({ kind: 'refused', reason: 'key-revoked' })
})

test('a key for some routes is refused on others', () => {
  const narrow = { ...record, routes: ['users'] }
  expect(judgeKey(narrow, 'users', 0).kind).toBe('accepted')
  expect(judgeKey(narrow, 'orders', 0)).toEqual({ kind: 'refused', reason: 'key-wrong-route' })
  expect(judgeKey({ ...record, routes: [] }, 'users', 0).kind).toBe('refused')
})

test('when the store is away only `allow` goes by what it said last, and by nothing else', () => {
  expect(decideFault('deny', record)).toEqual({ kind: 'unavailable' })
  expect(decideFault('allow', null)).toEqual({ kind: 'unavailable' })
  expect(decideFault('allow', record)).toEqual({ kind: 'last-known', record })
})

test('where no route is asked for, a key for some routes is its consumer’s all the same', () => {
  expect(judgeKey({ ...record, routes: ['users'] }, null, 0).kind).toBe('accepted')
})
