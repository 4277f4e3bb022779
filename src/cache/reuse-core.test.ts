import { expect, test } from 'vitest'
import { CAME, makeHead, makeRules } from '../../test/answer-heads.ts'
import { parseCacheControl } from '../http/cache-control.ts'
import { readFreshness } from './freshness-core.ts'
import { decideReuse, isRefreshedEarly, maySubstitute, type Wish } from './reuse-core.ts'

function wish(field: string): Wish {
  return { directives: parseCacheControl(field), pragmaNoCache: false }
}

function decide(said: string, ageSeconds: number, asked = '') {
  const head = makeHead({ 'cache-control': said })
  const freshness = readFreshness(head, makeRules(), true)
  const reuse = decideReuse(head, freshness, wish(asked), CAME + ageSeconds * 1000)
  return reuse.kind === 'unusable' ? reuse.because : reuse.kind
}

test.each([
  // What the service says (§4.2, §5.2.2; RFC 5861 §3).
  ['max-age=10', 9, '', 'fresh'],
  ['max-age=10', 10, '', 'stale'],
  ['max-age=10, no-cache', 1, '', 'stale'],
  ['max-age=10, no-cache="x-a"', 1, '', 'fresh'],
  ['max-age=10, stale-while-revalidate=5', 14, '', 'refreshed-behind'],
  ['max-age=10, stale-while-revalidate=5', 15, '', 'stale'],
  ['max-age=10, must-revalidate, stale-while-revalidate=5', 12, '', 'stale'],
  ['max-age=0', 0, '', 'stale'],
  // What the client says (§5.2.1).
  ['max-age=10', 5, 'no-cache', 'request'],
  ['max-age=10', 5, 'max-age=5', 'fresh'],
  ['max-age=10', 6, 'max-age=5', 'request'],
  ['max-age=10', 0, 'max-age=0', 'request'],
  ['max-age=10', 0, 'max-age=x', 'request'],
  ['max-age=10, immutable', 5, 'max-age=0', 'fresh'],
  ['max-age=10, immutable', 10, 'max-age=0', 'request'],
  ['max-age=10', 5, 'min-fresh=5', 'fresh'],
  ['max-age=10', 6, 'min-fresh=5', 'request'],
  ['max-age=10', 6, 'min-fresh=x', 'fresh'],
  ['max-age=10', 15, 'max-stale=5', 'taken-stale'],
  ['max-age=10', 16, 'max-stale=5', 'stale'],
  ['max-age=10', 999, 'max-stale', 'taken-stale'],
  ['max-age=10', 11, 'max-stale=x', 'stale'],
  ['max-age=10, must-revalidate', 11, 'max-stale', 'stale'],
  ['max-age=10, proxy-revalidate', 11, 'max-stale', 'stale'],
  ['s-maxage=10', 11, 'max-stale', 'stale'],
] as const)('`%s` of %d s, asked with `%s`, is %s', (said, age, asked, kind) => {
  expect(decide(said, age, asked)).toBe(kind)
})

test('Pragma asks as no-cache does', () => {
  const head = makeHead({ 'cache-control': 'max-age=10' })
  const freshness = readFreshness(head, makeRules(), true)
  const asked = { directives: parseCacheControl(''), pragmaNoCache: true }
  expect(decideReuse(head, freshness, asked, CAME).kind).toBe('unusable')
})

test('seconds that are left are told, and those that are over', () => {
  const head = makeHead({ 'cache-control': 'max-age=10' })
  const freshness = readFreshness(head, makeRules(), true)
  expect(decideReuse(head, freshness, null, CAME + 2500).ttl).toBe(7)
  expect(decideReuse(head, freshness, null, CAME + 12_000).ttl).toBe(-2)
})

test.each([
  // RFC 5861 §4.
  ['max-age=10, stale-if-error=20', 0, -20, '', true],
  ['max-age=10, stale-if-error=20', 0, -21, '', false],
  ['max-age=10', 0, -1, '', false],
  ['max-age=10', 30, -30, '', true],
  ['max-age=10, must-revalidate, stale-if-error=20', 0, -1, '', false],
  ['s-maxage=10, stale-if-error=20', 0, -1, '', false],
  ['no-cache, stale-if-error=20', 0, -1, '', false],
  ['max-age=10, stale-if-error=20', 0, -1, 'no-cache', false],
  ['max-age=10, stale-if-error=20', 0, -6, 'stale-if-error=5', false],
] as const)('`%s` with %d s of the table, %d s over, asked `%s`: stands in %s', (...given) => {
  const [said, staleIfErrorSeconds, ttl, asked, expected] = given
  const freshness = readFreshness(
    makeHead({ 'cache-control': said }),
    makeRules({ staleIfErrorSeconds }),
    true,
  )
  expect(maySubstitute({ ageMs: 0, ttl }, freshness, wish(asked))).toBe(expected)
})

test.each([
  [100, 1000, 0.5, false],
  [100, 60, 0.5, true],
  [100, 1000, 0.00001, true],
  [1000, 1000, 0.5, false],
  [1000, 690, 0.5, true],
  [100, 1, 0, false],
])('a fill of %d ms with %d ms left and chance %d is early: %s', (fillMs, leftMs, chance, is) => {
  const head = makeHead({}, { requestedAt: CAME - fillMs })
  expect(isRefreshedEarly(head, leftMs, { beta: 1, chance })).toBe(is)
  expect(isRefreshedEarly(head, leftMs, { beta: 0, chance })).toBe(false)
})
