import { expect, test } from 'vitest'
import { bindConditions } from './conditions.ts'
import type { BodyCondition, MatchSpec, ValueCondition } from './schema.ts'
import type { Subject } from './subject.ts'

const client = { address: null, country: null, continent: null, asn: null, colo: null }
const subject: Subject = {
  method: 'GET',
  host: 'h',
  path: '/',
  query: '',
  headers: {},
  client,
  body: { kind: 'other' },
}

const holds = (spec: MatchSpec, more: Partial<Subject>) => {
  const { headers, query, client: from, body } = bindConditions(spec)
  return [...headers, ...query, ...from, ...body].every((condition) =>
    condition.holds({ ...subject, ...more }),
  )
}

/** A value of undefined is an absent header. */
const holdsValue = (condition: ValueCondition, value: string | undefined) =>
  holds({ headers: { 'X-A': condition } }, { headers: value === undefined ? {} : { 'x-a': value } })

const holdsBody = (pointer: string, condition: BodyCondition, value: unknown) =>
  holds({ body: { [pointer]: condition } }, { body: { kind: 'json', value } })

test('a string is the whole value, in its own case', () => {
  expect(holdsValue('a', 'a')).toBe(true)
  expect(holdsValue('a', 'A')).toBe(false)
  expect(holdsValue('a', 'a, b')).toBe(false)
  expect(holdsValue('a', undefined)).toBe(false)
})

test('a regular expression is searched, with flag u, in the first 8 KiB', () => {
  expect(holdsValue({ regex: 'b' }, 'abc')).toBe(true)
  expect(holdsValue({ regex: '^.$' }, '😀')).toBe(true)
  expect(holdsValue({ regex: 'b' }, undefined)).toBe(false)
  expect(holdsValue({ regex: 'b' }, `${'a'.repeat(8191)}b`)).toBe(true)
  expect(holdsValue({ regex: 'b' }, `${'a'.repeat(8192)}b`)).toBe(false)
})

test('presence asks for the field, be it empty', () => {
  expect(holdsValue({ present: true }, '')).toBe(true)
  expect(holdsValue({ present: true }, undefined)).toBe(false)
  expect(holdsValue({ present: false }, undefined)).toBe(true)
  expect(holdsValue({ present: false }, '')).toBe(false)
})

test('a prefix begins the value', () => {
  expect(holdsValue({ prefix: 'ab' }, 'abc')).toBe(true)
  expect(holdsValue({ prefix: 'ab' }, 'cab')).toBe(false)
})

test('a denied condition holds for what it denies not, absence included', () => {
  expect(holdsValue({ not: 'a' }, 'b')).toBe(true)
  expect(holdsValue({ not: 'a' }, 'a')).toBe(false)
  expect(holdsValue({ not: 'a' }, undefined)).toBe(true)
  expect(holdsValue({ not: ['a', { present: false }] }, undefined)).toBe(false)
  expect(holdsValue({ not: { not: 'a' } }, 'a')).toBe(true)
})

test('one of a list is enough', () => {
  expect(holdsValue(['a', { prefix: 'b' }], 'bc')).toBe(true)
  expect(holdsValue(['a', { prefix: 'b' }], 'a')).toBe(true)
  expect(holdsValue(['a', { prefix: 'b' }], 'c')).toBe(false)
})

test('conditions on several names must all hold', () => {
  const spec = { headers: { a: '1' }, query: { b: '2' } }
  expect(holds(spec, { headers: { a: '1' }, query: '?b=2' })).toBe(true)
  expect(holds(spec, { headers: { a: '1' } })).toBe(false)
})

test('a value of the body is compared with its JSON type', () => {
  expect(holdsBody('/a', 5, { a: 5 })).toBe(true)
  expect(holdsBody('/a', '5', { a: 5 })).toBe(false)
  expect(holdsBody('/a', [null, true], { a: true })).toBe(true)
  expect(holdsBody('/a', null, {})).toBe(false)
  expect(holdsBody('/a', { regex: '5' }, { a: 5 })).toBe(false)
  expect(holdsBody('/a', { present: true }, { a: null })).toBe(true)
})

test('a pointer leads through objects and lists, and to nothing that is inherited', () => {
  const value = { 'a/b': [{ 'm~n': 'x' }] }
  expect(holdsBody('/a~1b/0/m~0n', 'x', value)).toBe(true)
  expect(holdsBody('/a~1b/00/m~0n', { present: false }, value)).toBe(true)
  expect(holdsBody('/a~1b/length', { present: false }, value)).toBe(true)
  expect(holdsBody('/constructor', { present: false }, value)).toBe(true)
  expect(holdsBody('', { present: true }, value)).toBe(true)
})

test('a body that is no JSON holds no condition, not even a denied one', () => {
  expect(holds({ body: { '/a': { not: 'x' } } }, { body: { kind: 'other' } })).toBe(false)
})

test('each key of client must hold, and what is not known holds nothing', () => {
  const spec = {
    client: { ips: ['10.0.0.0/8'], countries: ['DE', 'AT'], asns: [7], continents: ['EU'] },
  }
  const known = { address: '10.0.0.1', country: 'AT', continent: 'EU', asn: 7, colo: null }
  expect(holds(spec, { client: known })).toBe(true)
  for (const key of ['address', 'country', 'continent', 'asn']) {
    expect(holds(spec, { client: { ...known, [key]: null } }), key).toBe(false)
  }
})
