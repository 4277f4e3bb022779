import { expect, test } from 'vitest'
import { writeCacheStatus } from './cache-status.ts'

test.each([
  [{ hit: true, ttl: 30 }, 'isogate; hit; ttl=30'],
  [{ hit: true, ttl: -5 }, 'isogate; hit; ttl=-5'],
  [
    { fwd: 'uri-miss', fwdStatus: 200, stored: true },
    'isogate; fwd=uri-miss; fwd-status=200; stored',
  ],
  [{ fwd: 'stale', collapsed: true, ttl: 9 }, 'isogate; fwd=stale; ttl=9; collapsed'],
  [{ fwd: 'bypass', detail: 'rule', key: 'ab' }, 'isogate; fwd=bypass; key="ab"; detail=rule'],
] as const)('%j reads `%s`', (status, text) => {
  expect(writeCacheStatus(status)).toBe(text)
})
