import { expect, test } from 'vitest'
import { describeLoss } from './explain.ts'
import { buildMatcher } from './matcher.ts'
import type { MatchSpec } from './schema.ts'
import type { Subject } from './subject.ts'
import { bindWhen, bodyLimitOf } from './when.ts'

const subject: Subject = {
  method: 'GET',
  host: 'api.example.com',
  path: '/a/b',
  query: '',
  headers: {},
  client: { address: null, country: null, continent: null, asn: null, colo: null },
  body: { kind: 'unread' },
}

const explain = (...matches: MatchSpec[]) =>
  buildMatcher(matches.map((match, route) => ({ route, match: [match] })))
    .explain(subject)
    .map(({ verdict }) =>
      verdict.kind === 'won' ? 'won' : describeLoss(verdict.by, (route) => `r${route}`),
    )

test('each match is told by which rule it lost', () => {
  expect(
    explain(
      { path: '/a/b' },
      { hosts: ['other.com'] },
      { path: '/a' },
      { path: '/a/b', methods: ['POST'] },
      { path: '/a/b', headers: { 'X-Beta': '1' } },
      { query: { q: '1' } },
      { body: { '/k': 1 } },
      { client: { countries: ['DE'] } },
      { path: '/a/:x' },
      { path: '/a/b' },
    ),
  ).toEqual([
    'won',
    'host',
    'path',
    'method',
    'header "x-beta"',
    'query "q"',
    'body "/k"',
    'client "countries"',
    'less specific than r0: path',
    'less specific than r0: list order',
  ])
})

test('a match that holds is told by which criterion another goes before it', () => {
  const path = '/a/b'
  expect(explain({ path }, { hosts: ['*.example.com'], path: '/*' })[0]).toBe(
    'less specific than r1: host',
  )
  expect(explain({ path }, { path, methods: ['GET'] })[0]).toBe(
    'less specific than r1: method list',
  )
  expect(explain({ path }, { path, headers: { x: { present: false } } })[0]).toBe(
    'less specific than r1: header conditions',
  )
  expect(explain({ path: { regex: '^/' } }, { path: { regex: '^/a' } })[0]).toBe(
    'less specific than r1: path',
  )
  expect(
    explain({ path: { regex: '^/a' } }, { path: { regex: '^/[ab]' }, methods: ['GET'] }),
  ).toEqual(['won', 'less specific than r0: path'])
  expect(
    explain({ path: { regex: '^/.' } }, { path: { regex: '^/[ab]' }, methods: ['GET'] }),
  ).toEqual(['less specific than r1: method list', 'won'])
})

test('a match with several hosts is judged by the best that holds', () => {
  expect(
    explain({ hosts: ['*.example.com', 'api.example.com'] }, { hosts: ['*.example.com'] }),
  ).toEqual(['won', 'less specific than r0: host'])
})

test('`when` holds by the rules of a match', () => {
  expect(bindWhen({ path: '/a/*', methods: ['GET'] })(subject)).toBe(true)
  expect(bindWhen({ hosts: ['*.example.com'] })(subject)).toBe(true)
  expect(bindWhen({ path: '/b/*' })(subject)).toBe(false)
  expect(bindWhen({ headers: { x: '1' } })(subject)).toBe(false)
  expect(bindWhen({})(subject)).toBe(true)
})

test('`when` on a body needs it read before, and says how much', () => {
  const spec = { path: '/a/*', body: { '/k': 1 } }
  expect(bodyLimitOf(spec)).toBe(65_536)
  expect(bodyLimitOf({ ...spec, bodyLimitBytes: 10 })).toBe(10)
  expect(bodyLimitOf({ path: '/a' })).toBe(null)
  expect(() => bindWhen(spec)(subject)).toThrow()
  expect(bindWhen(spec)({ ...subject, body: { kind: 'json', value: { k: 1 } } })).toBe(true)
  expect(bindWhen({ ...spec, path: '/b' })(subject)).toBe(false)
})
