import { expect, test } from 'vitest'
import { CAME, dateAt, makeHead, makeRules } from '../../test/answer-heads.ts'
import { parseCacheControl } from '../http/cache-control.ts'
import type { AnswerHead } from './answer.ts'
import { readFreshness } from './freshness-core.ts'
import type { CacheRules } from './rules.ts'
import { judgeStorable, keptFields } from './storable-core.ts'

interface Case {
  readonly fields?: Readonly<Record<string, string>>
  readonly head?: Partial<AnswerHead>
  readonly rules?: Partial<CacheRules>
  readonly method?: string
  readonly asked?: string
  readonly hasAuthorization?: boolean
  readonly hasCookies?: boolean
  readonly vary?: '*'
  readonly shared?: boolean
}

function judge(given: Case) {
  const { shared = true } = given
  const head = makeHead(given.fields ?? { 'cache-control': 'max-age=10' }, given.head)
  const rules = makeRules(given.rules)
  const judged = {
    head,
    freshness: readFreshness(head, rules, shared),
    asked: {
      method: given.method ?? 'GET',
      hasAuthorization: given.hasAuthorization ?? false,
      directives: parseCacheControl(given.asked ?? ''),
    },
    hasCookies: given.hasCookies ?? false,
    vary: given.vary ?? [],
    shared,
  }
  return judgeStorable(judged, rules, CAME)
}

const said = (field: string) => ({ 'cache-control': field })

test.each<[string, Case]>([
  ['request-no-store', { asked: 'no-store' }],
  ['status', { head: { status: 206 } }],
  ['status', { head: { status: 304 } }],
  ['status', { rules: { statuses: new Set([404]) } }],
  ['vary', { vary: '*' }],
  ['set-cookie', { hasCookies: true }],
  ['too-large', { head: { length: 1001 } }],
  ['private', { fields: said('private, max-age=10') }],
  ['private', { fields: said('private, max-age=10'), rules: { ttlSeconds: 9, override: true } }],
  ['no-store', { fields: said('no-store, max-age=10') }],
  ['not-understood', { fields: said('must-understand, max-age=10'), head: { status: 599 } }],
  ['authorization', { hasAuthorization: true }],
  ['authorization', { hasAuthorization: true, fields: said('proxy-revalidate, max-age=10') }],
  ['method', { method: 'HEAD' }],
  ['method', { method: 'POST', fields: { 'last-modified': dateAt(-1000) } }],
  ['no-lifetime', { fields: {} }],
  ['no-lifetime', { fields: { etag: '"a"' } }],
  ['no-lifetime', { fields: said('max-age=0') }],
])('not stored for %s: %j', (why, given) => {
  expect(judge(given)).toEqual({ kind: 'unstorable', why })
})

test.each<Case>([
  {},
  { head: { status: 500 } },
  { head: { status: 599 } },
  { fields: said('no-store, must-understand, max-age=10') },
  { fields: said('no-store'), rules: { ttlSeconds: 10, override: true } },
  { fields: said('private="x-a", max-age=10') },
  { fields: said('private, max-age=10'), shared: false },
  { hasAuthorization: true, shared: false },
  { hasAuthorization: true, fields: said('public, max-age=10') },
  { hasAuthorization: true, fields: said('must-revalidate, max-age=10') },
  { hasAuthorization: true, fields: said('s-maxage=10') },
  { hasCookies: true, rules: { stripCookies: true } },
  { fields: { ...said('no-cache'), etag: '"a"' } },
  { fields: { ...said('max-age=0'), etag: '"a"' } },
  { fields: { date: dateAt(0), 'last-modified': dateAt(-1000) } },
  { method: 'POST' },
])('stored: %j', (given) => {
  expect(judge(given).kind).toBe('storable')
})

test.each<[Case, number]>([
  [{}, 70],
  [{ fields: { ...said('max-age=10'), etag: '"a"' } }, 86_410],
  [{ fields: said('max-age=10, stale-if-error=500') }, 510],
  [{ fields: { ...said('max-age=10'), age: '4' } }, 66],
  [{ fields: said('max-age=99999999999') }, 31_536_000],
])('%j is kept for %d s', (given, keepSeconds) => {
  expect(judge(given)).toMatchObject({ keepSeconds })
})

test('fields of the connection, of the client and those that may not be used again stay behind', () => {
  const fields = [
    ['set-cookie', 'a=b'],
    ['connection', 'x-hop'],
    ['x-hop', '1'],
    ['keep-alive', '1'],
    ['proxy-authenticate', 'Basic'],
    ['transfer-encoding', 'chunked'],
    ['x-own', '1'],
    ['x-once', '1'],
    ['x-all', '1'],
  ] as const
  const rules = {
    directives: parseCacheControl('private="x-own", no-cache="X-Once"'),
    namedByConnection: ['x-hop'],
  }
  expect(keptFields(fields, { ...rules, shared: true })).toEqual([['x-all', '1']])
  expect(keptFields(fields, { ...rules, shared: false })).toEqual([
    ['x-own', '1'],
    ['x-all', '1'],
  ])
})
