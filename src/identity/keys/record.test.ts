import { expect, test } from 'vitest'
import { type KeyRecord, printRecord, stateOf } from './record.ts'
import { parseRecord } from './stored.ts'

const record: KeyRecord = {
  id: '0190a0b0c0d0112233445566',
  prefix: 'isg_live_abcd…',
  consumer: 'shop',
  plan: 'gold',
  scopes: ['read'],
  roles: ['reader'],
  permissions: ['orders:read'],
  metadata: { tier: 'a', seats: 5, trial: false },
  routes: ['users'],
  createdAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2027, 0, 1),
  revokedAt: Date.UTC(2026, 5, 1),
  replacedBy: '0190a0b0c0d0112233445567',
  graceUntil: Date.UTC(2026, 4, 1),
  changedAt: Date.UTC(2026, 5, 1),
  description: 'grüße',
}

test('a record comes back as it was printed, and its times are ISO 8601', () => {
  expect(parseRecord(printRecord(record))).toEqual(record)
  expect(JSON.parse(printRecord(record))).toMatchObject({
    v: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
  })
})

test('the least record has an id, a consumer and the time of its making', () => {
  const text = '{"v":1,"id":"a","consumer":"shop","createdAt":"2026-01-01T00:00:00Z"}'
  expect(parseRecord(text)).toMatchObject({ consumer: 'shop', routes: null, scopes: [] })
  expect(stateOf(parseRecord(text)!, Date.UTC(2030, 0, 1))).toBe('active')
})

test.each([
  ['no JSON', '{'],
  ['a later version', { v: 2 }],
  ['no consumer', { consumer: undefined }],
  ['an empty consumer', { consumer: '' }],
  ['a consumer that would break a header field', { consumer: 'a\r\nb' }],
  ['an end that is no time', { expiresAt: 'never' }],
  ['a revocation that is no time', { revokedAt: true }],
  ['routes that are no list', { routes: 'users' }],
  ['scopes that are no names', { scopes: [1] }],
])('a record with %s is none', (_, change) => {
  const text =
    typeof change === 'string'
      ? change
      : JSON.stringify({ ...JSON.parse(printRecord(record)), ...change })
  expect(parseRecord(text)).toBeNull()
})
